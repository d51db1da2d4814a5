// Which addresses of a flow are looked up: its own, or of a flow in an SRv6 tunnel those inside.
import { type AddressColumn, type Column, IPV6, type NumberColumn } from '../../fields/column.ts'
import type { BothMatches } from './matches.ts'
import type { Resolver } from './resolver.ts'

/** Protocols after an SRv6 outer header: IPv4, IPv6, a routing header. */
const IP_IN_IP: ReadonlySet<number> = new Set([4, 41, 43])
const READS = ['ip_src', 'ip_dst', 'tunnel_ip_src', 'tunnel_ip_dst', 'ip_proto']

export function subjectResolver({ src, dst }: BothMatches): Resolver {
  return {
    reads: READS,
    fills: [],
    bind(placeOf) {
      const places = READS.map(placeOf)
      return (columns, rows, from, to) => {
        const [ipSrc, ipDst, innerSrc, innerDst, protocols] = places.map(place => columns[place] as Column) as [
          AddressColumn,
          AddressColumn,
          AddressColumn,
          AddressColumn,
          NumberColumn,
        ]
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          const isInside =
            innerDst.family[row] !== 0 && ipDst.family[row] === IPV6 && IP_IN_IP.has(protocols.numbers[row] as number)
          take(isInside ? innerSrc : ipSrc, row, src)
          take(isInside ? innerDst : ipDst, row, dst)
        }
      }
    },
  }
}

function take(column: AddressColumn, row: number, to: { words: Uint32Array; family: Uint8Array }): void {
  const at = 4 * row
  const family = column.family[row] as number
  to.family[row] = family === 4 || family === 6 ? family : 0
  to.words[at] = column.words[at] as number
  if (family !== 6) return
  to.words[at + 1] = column.words[at + 1] as number
  to.words[at + 2] = column.words[at + 2] as number
  to.words[at + 3] = column.words[at + 3] as number
}
