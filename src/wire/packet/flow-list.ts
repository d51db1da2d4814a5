// Flows in the order of their last packets: doubly linked lists in arrays, one for open flows and one for closed ones.

const NONE = -1
/** Numbers a flow: the flow before, the one behind, its list. */
const LINKS = 3

export class FlowLists {
  #links = new Int32Array(0)
  #timesUs = new Float64Array(0)
  readonly #first: Int32Array
  readonly #last: Int32Array

  constructor(lists: number) {
    this.#first = new Int32Array(lists).fill(NONE)
    this.#last = new Int32Array(lists).fill(NONE)
  }

  /** Makes room for flows 0..count-1. */
  reserve(count: number): void {
    const has = this.#timesUs.length
    if (count <= has) return
    const room = Math.max(count, 2 * has)
    const [links, timesUs] = [new Int32Array(LINKS * room), new Float64Array(room)]
    links.set(this.#links)
    timesUs.set(this.#timesUs)
    this.#links = links
    this.#timesUs = timesUs
  }

  /** The flow of a list whose last packet is longest ago, or -1. */
  first(list: number): number {
    return this.#first[list] as number
  }

  /** The first of a list, when its last packet was at or before this time; or -1. */
  due(list: number, timeUs: number): number {
    const flow = this.#first[list] as number
    return flow >= 0 && (this.#timesUs[flow] as number) <= timeUs ? flow : NONE
  }

  /** Puts a flow behind all others of a list. */
  append(flow: number, list: number, timeUs: number): void {
    const links = this.#links
    const last = this.#last[list] as number
    const at = LINKS * flow
    links[at] = last
    links[at + 1] = NONE
    links[at + 2] = list
    this.#timesUs[flow] = timeUs
    if (last === NONE) this.#first[list] = flow
    else links[LINKS * last + 1] = flow
    this.#last[list] = flow
  }

  remove(flow: number): void {
    const links = this.#links
    const at = LINKS * flow
    const [previous, next, list] = [links[at] as number, links[at + 1] as number, links[at + 2] as number]
    if (previous === NONE) this.#first[list] = next
    else links[LINKS * previous + 1] = next
    if (next === NONE) this.#last[list] = previous
    else links[LINKS * next] = previous
  }
}
