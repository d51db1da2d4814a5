// Flows in the order of their last packets: doubly linked lists in arrays, one for open flows and one for closed ones.

const NONE = -1

export class FlowLists {
  #previous = new Int32Array(0)
  #next = new Int32Array(0)
  #list = new Uint8Array(0)
  readonly #first: number[]
  readonly #last: number[]

  constructor(lists: number) {
    this.#first = Array<number>(lists).fill(NONE)
    this.#last = Array<number>(lists).fill(NONE)
  }

  /** Makes room for flows 0..count-1. */
  grow(count: number): void {
    const copy = <Array extends Int32Array | Uint8Array>(into: Array, from: Array): Array => {
      into.set(from)
      return into
    }
    this.#previous = copy(new Int32Array(count), this.#previous)
    this.#next = copy(new Int32Array(count), this.#next)
    this.#list = copy(new Uint8Array(count), this.#list)
  }

  /** The flow of a list whose last packet is longest ago, or -1. */
  first(list: number): number {
    return this.#first[list] as number
  }

  /** Puts a flow behind all others of a list. */
  append(flow: number, list: number): void {
    const last = this.#last[list] as number
    this.#previous[flow] = last
    this.#next[flow] = NONE
    this.#list[flow] = list
    if (last === NONE) this.#first[list] = flow
    else this.#next[last] = flow
    this.#last[list] = flow
  }

  remove(flow: number): void {
    const list = this.#list[flow] as number
    const [previous, next] = [this.#previous[flow] as number, this.#next[flow] as number]
    if (previous === NONE) this.#first[list] = next
    else this.#next[previous] = next
    if (next === NONE) this.#last[list] = previous
    else this.#previous[next] = previous
  }
}
