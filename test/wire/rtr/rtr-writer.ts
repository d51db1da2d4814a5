// PDUs as a cache writes them.
import { parsePrefix } from '../../../src/lookup/prefix.ts'
import { u16, u32 } from '../../support/bgp-writer.ts'

export function pdu(version: number, type: number, number: number, body: readonly number[]): number[] {
  return [version, type, ...u16(number), ...u32(8 + body.length), ...body]
}

export const notify = (version: number, sessionId: number, serial: number) => pdu(version, 0, sessionId, u32(serial))
export const response = (version: number, sessionId: number) => pdu(version, 3, sessionId, [])
export const cacheReset = (version: number) => pdu(version, 8, 0, [])

export function roa(version: number, text: string, maxLength: number, asn: number, announced = true): number[] {
  const prefix = parsePrefix(text)
  if (!prefix) throw new Error(`${text} is no prefix`)
  const { family, words, length } = prefix
  const address = words.slice(0, family === 4 ? 1 : 4).flatMap(u32)
  return pdu(version, family, 0, [announced ? 1 : 0, length, maxLength, 0, ...address, ...u32(asn)])
}

export function endOfData(version: number, sessionId: number, serial: number, timers = [3600, 600, 7200]): number[] {
  return pdu(version, 7, sessionId, [...u32(serial), ...(version === 0 ? [] : timers.flatMap(u32))])
}

export function routerKey(version: number, asn: number, ski: readonly number[], spki: readonly number[]): number[] {
  return pdu(version, 9, 0x100, [...ski, ...u32(asn), ...spki])
}

/** As draft-ietf-sidrops-8210bis-27 has it. */
export const aspa = (customer: number, providers: readonly number[], announced = true) =>
  pdu(2, 11, announced ? 0x100 : 0, [...u32(customer), ...providers.flatMap(u32)])

/** As drafts up to 8210bis-10 have it. */
export const oldAspa = (afi: 1 | 2, customer: number, providers: readonly number[], announced = true) =>
  pdu(2, 11, 0, [announced ? 1 : 0, afi - 1, ...u16(providers.length), ...u32(customer), ...providers.flatMap(u32)])

export function errorReport(version: number, code: number, text: string, erroneous: readonly number[] = []): number[] {
  const words = [...Buffer.from(text)]
  return pdu(version, 10, code, [...u32(erroneous.length), ...erroneous, ...u32(words.length), ...words])
}
