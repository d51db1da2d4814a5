// Which addresses of a flow are looked up: its own, or of a flow in an SRv6 tunnel those inside.
import { type AddressColumn, type Column, IPV6, type NumberColumn } from '../../fields/column.ts'
import type { BothMatches } from './matches.ts'
import type { Resolver } from './resolver.ts'

/** Protocols after an SRv6 outer header: IPv4, IPv6, a routing header. */
const IP_IN_IP: ReadonlySet<number> = new Set([4, 41, 43])
const READS = ['ip_src', 'ip_dst', 'tunnel_ip_src', 'tunnel_ip_dst', 'ip_proto'] as const

export interface TunnelColumns {
  readonly src: AddressColumn
  readonly dst: AddressColumn
  readonly innerSrc: AddressColumn
  readonly innerDst: AddressColumn
  readonly protocols: NumberColumn
}

export function tunnelColumns(columns: readonly Column[], placeOf: (field: string) => number): TunnelColumns {
  const [src, dst, innerSrc, innerDst, protocols] = READS.map(name => columns[placeOf(name)]) as [
    AddressColumn,
    AddressColumn,
    AddressColumn,
    AddressColumn,
    NumberColumn,
  ]
  return { src, dst, innerSrc, innerDst, protocols }
}

/** Whether the flow is a packet in an SRv6 tunnel: IPv6 outside, and addresses inside. */
export function isInTunnel({ dst, innerDst, protocols }: TunnelColumns, row: number): boolean {
  return innerDst.family[row] !== 0 && dst.family[row] === IPV6 && IP_IN_IP.has(protocols.numbers[row] as number)
}

/** `innerFirst`: the addresses inside have been put in place of those outside. */
export function subjectResolver({ src, dst }: BothMatches, innerFirst: boolean): Resolver {
  return {
    reads: READS,
    fills: [],
    bind: placeOf => (columns, rows, from, to) => {
      const tunnel = tunnelColumns(columns, placeOf)
      for (let index = from; index < to; index++) {
        const row = rows[index] as number
        const isInside = !innerFirst && isInTunnel(tunnel, row)
        take(isInside ? tunnel.innerSrc : tunnel.src, row, src)
        take(isInside ? tunnel.innerDst : tunnel.dst, row, dst)
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
