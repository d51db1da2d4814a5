// The greatest N of what is offered: a heap with the least of them on top, of fixed size.

export interface Ranked<Item> {
  readonly rank: number | bigint
  /** Order of arrival: of equals the earlier is the greater. */
  readonly order: number
  readonly item: Item
}

function isLess(a: Ranked<unknown>, b: Ranked<unknown>): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.order > b.order)
}

export class TopHeap<Item> {
  readonly #entries: Ranked<Item>[] = []
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.length
  }

  /** Whether an item of this rank, coming now, would be kept. */
  admits(rank: number | bigint): boolean {
    return this.size < this.#capacity || rank > (this.#entries[0] as Ranked<Item>).rank
  }

  /** False when it took the place of another. The caller asks admits() first. */
  add(entry: Ranked<Item>): boolean {
    const entries = this.#entries
    if (entries.length < this.#capacity) {
      entries.push(entry)
      this.#rise(entries.length - 1)
      return true
    }
    entries[0] = entry
    this.#sink(0)
    return false
  }

  #rise(from: number): void {
    const entries = this.#entries
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!isLess(entries[at] as Ranked<Item>, entries[parent] as Ranked<Item>)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #sink(from: number): void {
    const entries = this.#entries
    for (let at = from; ; ) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < entries.length && isLess(entries[child] as Ranked<Item>, entries[least] as Ranked<Item>))
          least = child
      }
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #swap(a: number, b: number): void {
    const entry = this.#entries[a] as Ranked<Item>
    this.#entries[a] = this.#entries[b] as Ranked<Item>
    this.#entries[b] = entry
  }

  /** The greatest first. */
  sorted(): Item[] {
    return [...this.#entries].sort((a, b) => (isLess(a, b) ? 1 : -1)).map(({ item }) => item)
  }
}
