// A queue that gives the nearest first: a binary heap of costs with what they are of.

export class NearestFirst<Item> {
  readonly #costs: number[] = []
  readonly #items: Item[] = []

  get size(): number {
    return this.#items.length
  }

  add(cost: number, item: Item): void {
    let at = this.#items.length
    this.#costs.push(cost)
    this.#items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((this.#costs[parent] as number) <= cost) break
      this.#swap(at, parent)
      at = parent
    }
  }

  /** Undefined when it is empty. */
  take(): { readonly cost: number; readonly item: Item } | undefined {
    if (this.#items.length === 0) return undefined
    this.#swap(0, this.#items.length - 1)
    const cost = this.#costs.pop() as number
    const item = this.#items.pop() as Item
    this.#sink()
    return { cost, item }
  }

  #sink(): void {
    const costs = this.#costs
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      let least = at
      if (left < costs.length && (costs[left] as number) < (costs[least] as number)) least = left
      if (right < costs.length && (costs[right] as number) < (costs[least] as number)) least = right
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #swap(one: number, other: number): void {
    const [cost, item] = [this.#costs[one] as number, this.#items[one] as Item]
    this.#costs[one] = this.#costs[other] as number
    this.#items[one] = this.#items[other] as Item
    this.#costs[other] = cost
    this.#items[other] = item
  }
}
