// Members of one kind in a line, side by side: where they stand next to each other they are not copied.

const FIRST_OCTETS = 1024
const COMMA = 44

export class Gather {
  octets: Uint8Array
  view: DataView
  from = 0
  to = 0
  #own: Uint8Array = new Uint8Array(FIRST_OCTETS)
  #ownView: DataView = new DataView(this.#own.buffer)

  constructor() {
    this.octets = this.#own
    this.view = this.#ownView
  }

  get isEmpty(): boolean {
    return this.from === this.to
  }

  clear(): void {
    this.from = 0
    this.to = 0
  }

  /** Adds octets from..to of a line, `"key":value`. */
  add(octets: Uint8Array, view: DataView, from: number, to: number): void {
    if (this.from === this.to) {
      this.octets = octets
      this.view = view
      this.from = from
      this.to = to
    } else if (this.octets === octets && from === this.to + 1) this.to = to
    else this.#copy(octets, from, to)
  }

  #copy(octets: Uint8Array, from: number, to: number): void {
    const held = this.to - this.from
    const length = held + 1 + to - from
    if (length > this.#own.length) {
      const larger = new Uint8Array(2 * length)
      if (this.octets === this.#own) {
        larger.set(this.#own.subarray(0, held))
        this.octets = larger
      }
      this.#own = larger
      this.#ownView = new DataView(larger.buffer)
    }
    const own = this.#own
    if (this.octets !== own) own.set(this.octets.subarray(this.from, this.to))
    own[held] = COMMA
    own.set(octets.subarray(from, to), held + 1)
    this.octets = own
    this.view = this.#ownView
    this.from = 0
    this.to = length
  }

  /** Whether it has exactly these octets. */
  equals(octets: Uint8Array): boolean {
    const length = this.to - this.from
    if (octets.length !== length) return false
    for (let at = 0; at < length; at++) if (octets[at] !== this.octets[this.from + at]) return false
    return true
  }

  get text(): string {
    return decoder.decode(this.octets.subarray(this.from, this.to))
  }
}

const decoder = new TextDecoder()
