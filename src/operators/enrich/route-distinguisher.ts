// The route distinguisher of a flow by a map (flow_to_rd_map), over what the exporter says.
import type { ValueColumn } from '../../fields/column.ts'
import type { MapOf } from '../../maps/map-of.ts'
import { BoundMap, type Readable } from './reloaded.ts'
import type { Resolver } from './resolver.ts'

const RD = 'mpls_vpn_rd'
const ORIGIN = 'mpls_vpn_rd_origin'

export function rdResolver(readable: Readable<MapOf<string>>): Resolver {
  const map = new BoundMap(readable)
  return {
    reads: [...map.reads(), RD, ORIGIN],
    fills: [RD, ORIGIN],
    bind(placeOf) {
      map.bind(placeOf)
      const [rdPlace, originPlace] = [placeOf(RD), placeOf(ORIGIN)]
      return (columns, rows, from, to) => {
        map.open(columns)
        const { values: rds } = columns[rdPlace] as ValueColumn
        const { values: origins } = columns[originPlace] as ValueColumn
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          const rd = map.match(row)
          if (rd === undefined) continue
          rds[row] = rd
          origins[row] = 'map'
        }
      }
    },
    reload: host => map.reload(host),
  }
}
