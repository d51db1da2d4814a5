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
  #isByExporter = false
  /** Exporter of the row before, -1 = none, and its views. */
  #last4 = -1
  #lastViews: readonly View[] = NONE
  /** Views of the lists that the map answers. */
  readonly #candidates = new Map<readonly Candidate[], (readonly View[])[]>()
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
    this.#isByExporter = this.#map?.reads().every(field => field === EXPORTER) ?? false
  }

  open(columns: readonly Column[]): void {
    this.#map?.open(columns)
    this.#exporter = columns[this.#exporterPlace] as AddressColumn
    const { version } = this.#views
    if (version === this.#version) return
    this.#forget()
    this.#version = version
  }

  /** Views to look a row up in, one after the other. */
  of(row: number): readonly View[] {
    // A map that asks for nothing but the exporter gives each exporter one answer.
    const candidates = this.#map && !this.#isByExporter ? this.#map.match(row) : undefined
    return candidates ? this.#ofCandidates(candidates) : this.#ofExporter(row)
  }

  #ofCandidates(candidates: readonly Candidate[]): readonly View[] {
    let views = this.#candidates.get(candidates)
    if (!views) {
      views = candidates.map(candidate => this.#views.of(candidate))
      this.#candidates.set(candidates, views)
    }
    return views.length === 1 ? (views[0] ?? NONE) : firstUp(views)
  }

  /** The views of an address. */
  ofAddress(address: string): readonly View[] {
    return this.#views.of({ address, port: undefined })
  }

  async reload(host: Host): Promise<void> {
    await this.#map?.reload(host)
    this.#forget()
  }

  #forget(): void {
    this.#exporters.clear()
    this.#candidates.clear()
    this.#last4 = -1
  }

  #ofExporter(row: number): readonly View[] {
    const { words, family } = this.#exporter
    const at = 4 * row
    const a = words[at] as number
    if (family[row] === IPV4) {
      if (a === this.#last4) return this.#lastViews
      this.#last4 = a
      this.#lastViews = this.#exporters.get(a) ?? this.#keep(row, a, dotted(a))
      return this.#lastViews
    }
    // Packets have none; a row of the map may be for all.
    if (family[row] !== IPV6) return this.#exporters.get('') ?? this.#keep(row, '', undefined)
    const text = ipv6Text(a, words[at + 1] as number, words[at + 2] as number, words[at + 3] as number)
    return this.#exporters.get(text) ?? this.#keep(row, text, text.replace(/^::ffff:(?=\d+\.)/, ''))
  }

  #keep(row: number, key: number | string, address: string | undefined): readonly View[] {
    const candidates = this.#map?.match(row)
    const isMapped = candidates && this.#isByExporter
    const views = isMapped ? this.#ofCandidates(candidates) : address === undefined ? NONE : this.ofAddress(address)
    // Which of several candidates is up changes with every route.
    if (candidates && candidates.length > 1) {
      this.#last4 = -1
      return views
    }
    if (this.#exporters.size >= MAX_EXPORTERS) this.#exporters.clear()
    this.#exporters.set(key, views)
    return views
  }
}

/** The first that has routes; when none has, the first that there is. */
function firstUp(views: readonly (readonly View[])[]): readonly View[] {
  return views.find(one => one.some(isUp)) ?? views.find(one => one.length > 0) ?? NONE
}

/** Whether a peer of the view has routes: the routes of a session that went down are gone. */
function isUp({ peers, source }: View): boolean {
  return peers.some(({ id }) => source.rib.table.count(id) > 0)
}
