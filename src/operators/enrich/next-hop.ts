// The BGP next hop that a flow says, which paths are chosen by: the exporter's, or what a map puts in its place.
import type { AddressColumn } from '../../fields/column.ts'
import { ROWS } from '../../fields/column.ts'
import type { MapOf } from '../../maps/map-of.ts'
import { BoundMap, type Readable } from './reloaded.ts'
import type { Resolver } from './resolver.ts'
import { readAddress } from './route-info.ts'

/** By row: family 0 = the flow does not say. */
export class NextHops {
  readonly words: Uint32Array = new Uint32Array(4 * ROWS)
  readonly family: Uint8Array = new Uint8Array(ROWS)
}

/** BGP next hop, else the address of the top MPLS label, else (if told) the IP next hop. */
export function nextHopResolver(
  hops: NextHops,
  useIpNextHop: boolean,
  readable: Readable<MapOf<string>> | undefined,
): Resolver {
  const map = readable && new BoundMap(readable)
  const names = ['peer_ip_dst', 'mpls_top_label_ip', ...(useIpNextHop ? ['ip_next_hop'] : [])]
  const scratch = new Uint32Array(4)
  return {
    reads: [...names, ...(map?.reads() ?? [])],
    fills: [],
    bind(placeOf) {
      map?.bind(placeOf)
      const places = names.map(placeOf)
      return (columns, rows, from, to) => {
        map?.open(columns)
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          hops.family[row] = 0
          for (const place of places) if (takeFrom(columns[place] as AddressColumn, row, hops)) break
          const mapped = map?.match(row)
          if (mapped === undefined) continue
          hops.family[row] = readAddress(mapped, scratch)
          hops.words.set(scratch, 4 * row)
        }
      }
    },
    ...(map ? { reload: (host: Parameters<typeof map.reload>[0]) => map.reload(host) } : {}),
  }
}

/** False where there is none, or the unspecified address. */
function takeFrom({ words, family }: AddressColumn, row: number, to: NextHops): boolean {
  const kind = family[row] as number
  if (kind !== 4 && kind !== 6) return false
  const at = 4 * row
  const a = words[at] as number
  if (kind === 4) {
    to.words[at] = a
    to.words[at + 1] = to.words[at + 2] = to.words[at + 3] = 0
  } else for (let word = 0; word < 4; word++) to.words[at + word] = words[at + word] as number
  if (a === 0 && (kind === 4 || (to.words[at + 1] === 0 && to.words[at + 2] === 0 && to.words[at + 3] === 0)))
    return false
  to.family[row] = kind
  return true
}
