// Which tables of a source a flow is looked up in, one after the other: the one of its route distinguisher, or the global
// ones.
import type { Family } from '../../lookup/route-index.ts'
import type { Scope } from '../../wire/rib/scopes.ts'
import type { RouteSource } from './route-source.ts'

export interface Tables {
  /** Ids of scopes. */
  readonly scopes: readonly number[]
  /** From this place on they are not what the flow asked for, but what is left to try. */
  readonly fallbackFrom: number
}

/** RDs of one source whose tables are kept ready. */
const MAX_KEPT = 100_000
const UNICAST = 1
const LABELLED = 4
const VPN = 128
export const GLOBAL_RD = '0:0:0'

export class RouteTables {
  readonly #source: RouteSource
  readonly #vpnFallback: boolean
  readonly #known = new Map<string, Tables>()
  #scopes = -1

  constructor(source: RouteSource, vpnFallback: boolean) {
    this.#source = source
    this.#vpnFallback = vpnFallback
  }

  /** `rd` undefined = the global tables. */
  of(rd: string | undefined, family: Family, isBmp: boolean): Tables {
    const { all } = this.#source.rib.scopes
    if (all.length !== this.#scopes || this.#known.size >= MAX_KEPT) {
      this.#known.clear()
      this.#scopes = all.length
    }
    const key = `${family}${isBmp ? 'm' : 'b'}${rd ?? ''}`
    let tables = this.#known.get(key)
    if (!tables) {
      const ofFamily = all.filter(({ afi }) => afi === (family === 4 ? 1 : 2))
      tables = rd === undefined ? globalTables(ofFamily) : vpnTables(ofFamily, rd, isBmp || this.#vpnFallback)
      this.#known.set(key, tables)
    }
    return tables
  }
}

const ids = (scopes: readonly Scope[]): number[] => scopes.map(({ id }) => id)

/** Unicast, then labelled unicast. */
function globalTables(scopes: readonly Scope[]): Tables {
  const unicast = scopes.filter(({ safi, rd }) => safi === UNICAST && (rd === undefined || rd === GLOBAL_RD))
  const labelled = scopes.filter(({ safi }) => safi === LABELLED)
  return { scopes: ids([...unicast, ...labelled]), fallbackFrom: unicast.length + labelled.length }
}

/**
 * The RD of the NLRI, then that of the BMP peer (peer distinguisher), then labelled unicast. Where the VPN has no route,
 * BMP goes on with the global table, as in pmacct; BGP when it is told to.
 */
function vpnTables(scopes: readonly Scope[], rd: string, goesOn: boolean): Tables {
  const own = scopes.filter(scope => scope.rd === rd && (scope.safi === VPN || scope.safi === UNICAST))
  const vpn = [...own.filter(({ safi }) => safi === VPN), ...own.filter(({ safi }) => safi === UNICAST)]
  const unicast = scopes.filter(scope => scope.safi === UNICAST && scope.rd === undefined)
  const labelled = scopes.filter(({ safi }) => safi === LABELLED)
  return { scopes: ids([...vpn, ...(goesOn ? unicast : []), ...labelled]), fallbackFrom: vpn.length }
}
