// sFlow datagrams, as agents write them (sFlow version 5, RFC 3176 for 2 and 4): XDR, big-endian, in fours.
import { isIPv6 } from 'node:net'
import { textOctets } from './octet-writer.ts'

export function u32(...numbers: readonly number[]): Buffer {
  const octets = Buffer.alloc(4 * numbers.length)
  for (const [index, number] of numbers.entries()) octets.writeUInt32BE(number >>> 0, 4 * index)
  return octets
}
export const u64 = (number: bigint): Buffer => {
  const octets = Buffer.alloc(8)
  octets.writeBigUInt64BE(number)
  return octets
}
export const f32 = (number: number): Buffer => {
  const octets = Buffer.alloc(4)
  octets.writeFloatBE(number)
  return octets
}
/** Octets or text behind their length, padded. */
export function opaque(content: Uint8Array | string): Buffer {
  const octets = Buffer.from(content as string)
  return Buffer.concat([u32(octets.length), octets, Buffer.alloc(-octets.length & 3)])
}
export const address = (text: string): Buffer =>
  Buffer.concat([u32(isIPv6(text) ? 2 : 1), textOctets(text, isIPv6(text) ? 16 : 4)])
export const mac = (text: string): Buffer => Buffer.concat([textOctets(text, 6), Buffer.alloc(2)])
export const list = (...numbers: readonly number[]): Buffer => u32(numbers.length, ...numbers)

/** A structure of a sample, or a sample of a datagram. */
export const tagged = (format: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([u32(format, body.length), body])
}

export interface SampleHead {
  readonly sequence?: number
  readonly sourceClass?: number
  readonly source?: number
  readonly rate?: number
  readonly pool?: number
  readonly drops?: number
  readonly input?: number
  readonly output?: number
}

const head = ({ sequence = 1, sourceClass = 0, source = 3, ...rest }: SampleHead) => ({
  sequence,
  id: (sourceClass << 24) | source,
  sourceClass,
  source,
  rate: rest.rate ?? 100,
  pool: rest.pool ?? 1000,
  drops: rest.drops ?? 0,
  input: rest.input ?? 3,
  output: rest.output ?? 4,
})

export function flowSample(of: SampleHead, ...records: readonly Uint8Array[]): Buffer {
  const { sequence, id, rate, pool, drops, input, output } = head(of)
  return tagged(1, u32(sequence, id, rate, pool, drops, input, output, records.length), ...records)
}
/** Interfaces as [form, value]. */
export function expandedSample(
  of: SampleHead,
  input: readonly [number, number],
  output: readonly [number, number],
  ...records: readonly Uint8Array[]
): Buffer {
  const { sequence, sourceClass, source, rate, pool, drops } = head(of)
  return tagged(
    3,
    u32(sequence, sourceClass, source, rate, pool, drops, ...input, ...output, records.length),
    ...records,
  )
}
export function counterSample(of: SampleHead, ...records: readonly Uint8Array[]): Buffer {
  const { sequence, id } = head(of)
  return tagged(2, u32(sequence, id, records.length), ...records)
}
export function discard(of: SampleHead, reason: number, ...records: readonly Uint8Array[]): Buffer {
  const { sequence, sourceClass, source, drops, input, output } = head(of)
  return tagged(5, u32(sequence, sourceClass, source, drops, input, output, reason, records.length), ...records)
}
/** The first octets of a frame; protocol 1 is Ethernet. */
export const header = (frame: Uint8Array, frameOctets = frame.length, protocol = 1, stripped = 0): Buffer =>
  tagged(1, u32(protocol, frameOctets, stripped), opaque(frame))

export interface DatagramHead {
  readonly agent?: string
  readonly subAgent?: number
  readonly sequence?: number
  readonly uptime?: number
}

export function sflow5(of: DatagramHead, ...samples: readonly Uint8Array[]): Buffer {
  const { agent = '192.0.2.99', subAgent = 0, sequence = 1, uptime = 60_000 } = of
  return Buffer.concat([u32(5), address(agent), u32(subAgent, sequence, uptime, samples.length), ...samples])
}

/** Versions 2 and 4: `samples` are as legacySample gives them. */
export function sflow4(version: 2 | 4, of: DatagramHead, ...samples: readonly Uint8Array[]): Buffer {
  const { agent = '192.0.2.99', sequence = 1, uptime = 60_000 } = of
  return Buffer.concat([u32(version), address(agent), u32(sequence, uptime, samples.length), ...samples])
}
/** `packet` and `extended` begin with their type. */
export function legacySample(of: SampleHead, packet: Uint8Array, ...extended: readonly Uint8Array[]): Buffer {
  const { sequence, id, rate, pool, drops, input, output } = head(of)
  return Buffer.concat([
    u32(1, sequence, id, rate, pool, drops, input, output),
    packet,
    u32(extended.length),
    ...extended,
  ])
}
