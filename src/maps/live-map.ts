// A map in force: read again between batches when SIGHUP came or its file changed, all of it or nothing.
import type { Host } from '../contract/host.ts'
import { isProblem, type Problem } from '../contract/problem.ts'

/** Looks at a new map before it comes in force: the map, or why it cannot. */
export type Admit<Map> = (map: Map) => Map | Problem

export class LiveMap<Map extends object> {
  current: Map
  readonly #read: () => Promise<Map | Problem>
  readonly #host: Host
  readonly #admit: Admit<Map>
  #reloads: number

  constructor(map: Map, read: () => Promise<Map | Problem>, host: Host, admit: Admit<Map> = next => next) {
    this.current = map
    this.#read = read
    this.#host = host
    this.#admit = admit
    this.#reloads = host.reloads
  }

  /**
   * True when another map is in force now. Call it between batches. A file that cannot be used is reported and the map read
   * before stays. Counts `maps/reloaded` and `maps/refused`.
   */
  async refresh(): Promise<boolean> {
    if (this.#host.reloads === this.#reloads) return false
    this.#reloads = this.#host.reloads
    const read = await this.#read()
    const next = isProblem(read) ? read : this.#admit(read)
    if (isProblem(next)) {
      this.#host.count('maps/refused')
      this.#host.report({ ...next, message: `${next.message}; the map read before stays in force` })
      return false
    }
    this.#host.count('maps/reloaded')
    this.current = next
    return true
  }
}
