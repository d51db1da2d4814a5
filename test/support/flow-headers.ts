import { type FieldValue, writeValue } from './octet-writer.ts'

/** Big-endian fields in the order of the wire. */
export type Layout = readonly (readonly [name: string, octets: number])[]
type Values<L extends Layout> = { [K in L[number][0]]?: FieldValue }

const NETFLOW5_HEADER = [
  ['version', 2],
  ['count', 2],
  ['sysUptimeMs', 4],
  ['exportTime', 4],
  ['exportNanoseconds', 4],
  ['sequence', 4],
  ['engineType', 1],
  ['engineId', 1],
  ['sampling', 2],
] as const
const NETFLOW5_RECORD = [
  ['source', 4],
  ['destination', 4],
  ['nextHop', 4],
  ['inputInterface', 2],
  ['outputInterface', 2],
  ['packets', 4],
  ['octets', 4],
  ['firstMs', 4],
  ['lastMs', 4],
  ['sourcePort', 2],
  ['destinationPort', 2],
  ['padding1', 1],
  ['tcpFlags', 1],
  ['protocol', 1],
  ['tos', 1],
  ['sourceAs', 2],
  ['destinationAs', 2],
  ['sourceMask', 1],
  ['destinationMask', 1],
  ['padding2', 2],
] as const
/** RFC 3954 section 5.1. */
export const NETFLOW9_HEADER = [
  ['version', 2],
  ['count', 2],
  ['sysUptimeMs', 4],
  ['exportTime', 4],
  ['sequence', 4],
  ['sourceId', 4],
] as const
/** RFC 7011 section 3.1. */
export const IPFIX_HEADER = [
  ['version', 2],
  ['length', 2],
  ['exportTime', 4],
  ['sequence', 4],
  ['observationDomain', 4],
] as const

export type Netflow5Header = Values<typeof NETFLOW5_HEADER>
export type Netflow5Record = Values<typeof NETFLOW5_RECORD>
/** `padTo` fills the last set with zeros until the message has that many octets. */
export type Netflow9Header = Values<typeof NETFLOW9_HEADER> & { padTo?: number }
export type IpfixHeader = Values<typeof IPFIX_HEADER> & { padTo?: number }

/** All header values may be given, also wrong ones; version and count are right when left out. */
export function netflow5(header: Netflow5Header, records: readonly Netflow5Record[]): Buffer {
  const headerOctets = layoutOctets(NETFLOW5_HEADER)
  const message = Buffer.alloc(headerOctets + records.length * layoutOctets(NETFLOW5_RECORD))
  let at = pack(message, 0, NETFLOW5_HEADER, { version: 5, count: records.length, ...header })
  for (const record of records) at = pack(message, at, NETFLOW5_RECORD, record)
  return message
}

export const layoutOctets = (layout: Layout): number => layout.reduce((sum, [, octets]) => sum + octets, 0)

/** Returns where it stopped; a value left out is zero. */
export function pack<L extends Layout>(message: Buffer, start: number, layout: L, values: Values<L>): number {
  const byName: Readonly<Record<string, FieldValue | undefined>> = values
  let at = start
  for (const [name, octets] of layout) at = writeValue(message, at, octets, byName[name] ?? 0)
  return at
}
