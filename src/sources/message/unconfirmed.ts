// What a broker may be told is done: messages whose records the output has.
import type { Host } from '../../contract/host.ts'

interface Mark<Token> {
  /** Records given to the output up to here. */
  readonly upTo: number
  readonly token: Token
}

export class Unconfirmed<Token> {
  readonly #host: Host
  /** Taken before the first was given: by an earlier connection. */
  readonly #before: number
  #given = 0
  #marks: Mark<Token>[] = []

  constructor(host: Host) {
    this.#host = host
    this.#before = host.taken ?? 0
  }

  /** A batch of so many records is given to the output. */
  give(count: number): void {
    this.#given += count
  }

  /** What is confirmed when the output has all that was given until now. */
  mark(token: Token): void {
    this.#marks.push({ upTo: this.#given, token })
  }

  /** Marks that the output has passed, in order; each once. Called when the next batch was asked for, or while it is not. */
  passed(): Token[] {
    const { taken } = this.#host
    const done = taken === undefined ? this.#given : taken - this.#before
    const open = this.#marks.findIndex(({ upTo }) => upTo > done)
    const passed = open === -1 ? this.#marks : this.#marks.slice(0, open)
    this.#marks = open === -1 ? [] : this.#marks.slice(open)
    return passed.map(({ token }) => token)
  }

  /** The connection that they came by is gone: those that were not confirmed come again. */
  forget(): void {
    this.#marks = []
  }

  get isEmpty(): boolean {
    return this.#marks.length === 0
  }
}
