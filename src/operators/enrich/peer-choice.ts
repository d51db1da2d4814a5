// The peers whose routes a flow is looked up in: by a map's candidates in their order, the first that has routes; else by
// the exporter's address.
import type { Host } from '../../contract/host.ts'
import { type AddressColumn, type Column, IPV4, IPV6 } from '../../fields/column.ts'
import type { MapOf } from '../../maps/map-of.ts'
import { dotted, ipv6Text } from '../../octets/address.ts'
import { BoundMap, type Readable } from './reloaded.ts'
import type { RouteSource } from './route-source.ts'
import { type Candidate, type View, Views } from './views.ts'

export const EXPORTER = 'peer_ip_src'

/** Exporters whose views are kept ready. */
const MAX_EXPORTERS = 100_000
const NONE: readonly View[] = []

export class PeerChoice {
  readonly #map: BoundMap<readonly Candidate[]> | undefined
  readonly #views: Views
  #exporters = new Map<number | string, readonly View[]>()
  #version = -1
  #exporterPlace = 0
  #exporter!: AddressColumn

  /** Sources of one kind. */
  constructor(
    sources: readonly RouteSource[],
    map: Readable<MapOf<readonly Candidate[]>> | undefined,
    useRouterId: boolean,
  ) {
    this.#views = new Views(sources, useRouterId)
    this.#map = map && new BoundMap(map)
  }

  get reads(): string[] {
    return [EXPORTER, ...(this.#map?.reads() ?? [])]
  }

  bind(place: (field: string) => number): void {
    this.#exporterPlace = place(EXPORTER)
    this.#map?.bind(place)
  }

  open(columns: readonly Column[]): void {
    this.#map?.open(columns)
    this.#exporter = columns[this.#exporterPlace] as AddressColumn
    const { version } = this.#views
    if (version !== this.#version) this.#exporters.clear()
    this.#version = version
  }

  /** Views to look a row up in, one after the other. */
  of(row: number): readonly View[] {
    const candidates = this.#map?.match(row)
    return candidates ? this.#firstUp(candidates) : this.#ofExporter(row)
  }

  /** The views of an address. */
  ofAddress(address: string): readonly View[] {
    return this.#views.of({ address, port: undefined })
  }

  async reload(host: Host): Promise<void> {
    await this.#map?.reload(host)
  }

  #firstUp(candidates: readonly Candidate[]): readonly View[] {
    let known = NONE
    for (const candidate of candidates) {
      const views = this.#views.of(candidate)
      if (views.some(isUp)) return views
      if (known.length === 0) known = views
    }
    return known
  }

  #ofExporter(row: number): readonly View[] {
    const { words, family } = this.#exporter
    const at = 4 * row
    const a = words[at] as number
    if (family[row] === IPV4) return this.#exporters.get(a) ?? this.#keep(a, dotted(a))
    if (family[row] !== IPV6) return NONE
    const text = ipv6Text(a, words[at + 1] as number, words[at + 2] as number, words[at + 3] as number)
    return this.#exporters.get(text) ?? this.#keep(text, text.replace(/^::ffff:(?=\d+\.)/, ''))
  }

  #keep(key: number | string, address: string): readonly View[] {
    const views = this.ofAddress(address)
    if (this.#exporters.size >= MAX_EXPORTERS) this.#exporters.clear()
    this.#exporters.set(key, views)
    return views
  }
}

/** Whether a peer of the view has routes: the routes of a session that went down are gone. */
function isUp({ peers, source }: View): boolean {
  return peers.some(({ id }) => source.rib.table.count(id) > 0)
}
