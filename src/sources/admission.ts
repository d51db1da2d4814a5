// Who may send: the allow list, and what was turned away.
import type { Host, Reading } from '../contract/host.ts'
import { isProblem } from '../contract/problem.ts'
import { type AllowList, readAllowList } from '../maps/allow-list.ts'
import { replaced } from '../maps/grammar.ts'

/** Addresses whose verdict is remembered; then all are asked for again. */
const VERDICTS = 65_536
/** Denied addresses with a counter of their own; the others share one. */
const DENIED_ADDRESSES = 1000
const OTHERS = 'others'

export class Admission {
  #list: AllowList | undefined
  readonly #host: Host
  readonly #verdicts = new Map<string, boolean>()
  readonly #denied = new Map<string, number>()

  /** Without a list everybody may send. */
  constructor(list: AllowList | undefined, host: Host) {
    this.#list = list
    this.#host = host
  }

  /** Whether a datagram or session from this address may come in; counts it when not. */
  allows(address: string): boolean {
    if (!this.#list || this.has(address)) return true
    this.#host.count('denied')
    const name = this.#denied.has(address) || this.#denied.size < DENIED_ADDRESSES ? address : OTHERS
    this.#denied.set(name, (this.#denied.get(name) ?? 0) + 1)
    return false
  }

  has(address: string): boolean {
    let verdict = this.#verdicts.get(address)
    if (verdict === undefined) {
      verdict = this.#list?.allowsText(address) ?? true
      if (this.#verdicts.size >= VERDICTS) this.#verdicts.clear()
      this.#verdicts.set(address, verdict)
    }
    return verdict
  }

  /** Reads the file again; a bad one is reported and the old list stays. */
  async reload(): Promise<void> {
    if (!this.#list) return
    const list = await readAllowList(this.#list.file)
    this.#host.count(isProblem(list) ? 'maps/refused' : 'maps/reloaded')
    this.#list = replaced(this.#list, list, problem => this.#host.report(problem))
    this.#verdicts.clear()
  }

  *readings(): Iterable<Reading> {
    for (const [exporter, value] of this.#denied) yield { name: 'denied', labels: { exporter }, value }
  }
}
