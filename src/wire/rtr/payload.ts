// PDUs that carry data: IPv4 and IPv6 prefixes, router keys, ASPAs (RFC 8210 sections 5.6, 5.7, 5.10; 8210bis section 5.12).
import { makePrefix } from '../../lookup/prefix.ts'
import type { Aspa, Payload, RouterKey, Vrp } from '../../lookup/rpki-payload.ts'
import type { Change } from '../../lookup/rpki-set.ts'
import { hexText } from '../../octets/address.ts'
import { CORRUPT_DATA, PROVIDER_LIST, type RtrProblem, rtrProblem } from './errors.ts'
import { ASPA, IPV4_PREFIX, IPV6_PREFIX, type Pdu, ROUTER_KEY } from './pdu.ts'

const SKI_OCTETS = 20
/** Header, customer. */
const ASPA_OCTETS = 12
/** Header, flags, address family, number of providers, customer: drafts up to 8210bis-10. */
const OLD_ASPA_OCTETS = 16

type Reader = (pdu: Pdu, octets: Uint8Array, view: DataView, at: number) => Change | RtrProblem

const READERS: { readonly [type: number]: Reader } = {
  [IPV4_PREFIX]: (_pdu, _octets, view, at) => readVrp(view, at, 4),
  [IPV6_PREFIX]: (_pdu, _octets, view, at) => readVrp(view, at, 6),
  [ROUTER_KEY]: readRouterKey,
  [ASPA]: (pdu, _octets, view, at) => (isOldAspa(pdu, view, at) ? readOldAspa(view, at) : readAspa(pdu, view, at)),
}

/** Whether a PDU of this type carries data. */
export const isPayload = (type: number): boolean => type in READERS

/** What the PDU at `at` announces or withdraws; `pdu` is its header, whose length was checked. */
export function readPayload(pdu: Pdu, octets: Uint8Array, view: DataView, at: number): Change | RtrProblem {
  return (READERS[pdu.type] as Reader)(pdu, octets, view, at)
}

const change = (flags: number, payload: Payload): Change => ({ announced: (flags & 1) === 1, payload })

function readVrp(view: DataView, at: number, family: 4 | 6): Change | RtrProblem {
  const flags = view.getUint8(at + 8)
  const length = view.getUint8(at + 9)
  const maxLength = view.getUint8(at + 10)
  const bits = family === 4 ? 32 : 128
  if (length > bits || maxLength > bits || maxLength < length) {
    return rtrProblem(CORRUPT_DATA, `an IPv${family} prefix of ${length} bits with a maximum of ${maxLength}`)
  }
  const words: number[] = []
  for (let word = 0; word < bits / 32; word++) words.push(view.getUint32(at + 12 + 4 * word))
  const prefix = makePrefix(family, words, length)
  const asn = view.getUint32(at + 12 + bits / 8)
  const vrp: Vrp = { kind: 'roa', prefix, maxLength, asn }
  return change(flags, vrp)
}

function readRouterKey({ number, length }: Pdu, octets: Uint8Array, view: DataView, at: number): Change {
  const keyAt = at + 8 + SKI_OCTETS + 4
  const key: RouterKey = {
    kind: 'router-key',
    asn: view.getUint32(keyAt - 4),
    ski: hexText(octets, at + 8, at + 8 + SKI_OCTETS),
    spki: Buffer.from(octets.buffer, octets.byteOffset + keyAt, at + length - keyAt).toString('base64'),
  }
  return change(number >>> 8, key)
}

function readProviders(view: DataView, from: number, to: number): number[] {
  const providers: number[] = []
  for (let at = from; at < to; at += 4) providers.push(view.getUint32(at))
  return providers
}

function aspa(flags: number, customer: number, afi: Aspa['afi'], providers: number[]): Change | RtrProblem {
  const isAnnounced = (flags & 1) === 1
  if (isAnnounced && providers.length === 0) return rtrProblem(PROVIDER_LIST, `AS ${customer} has no providers`)
  if (isAnnounced && providers.length > 1 && providers.includes(0)) {
    return rtrProblem(PROVIDER_LIST, `AS ${customer} has providers and AS 0`)
  }
  // The order does not matter for anything: caches that do not sort are understood.
  providers.sort((one, other) => one - other)
  if (providers.some((asn, index) => asn === providers[index - 1])) {
    return rtrProblem(PROVIDER_LIST, `AS ${customer} has a provider twice`)
  }
  return change(flags, { kind: 'aspa', customer, afi, providers: isAnnounced ? providers : [] })
}

function readAspa({ number, length }: Pdu, view: DataView, at: number): Change | RtrProblem {
  if (length % 4 !== 0) return rtrProblem(CORRUPT_DATA, `an ASPA with a length of ${length} octets`)
  const flags = number >>> 8
  const customer = view.getUint32(at + 8)
  if ((flags & 1) === 0 && length !== ASPA_OCTETS) {
    return rtrProblem(PROVIDER_LIST, `a withdrawal of AS ${customer} with providers`)
  }
  return aspa(flags, customer, 0, readProviders(view, at + ASPA_OCTETS, at + length))
}

/**
 * Whether the PDU is laid out as up to 8210bis-10 (StayRTR 0.5.1): no flags in its header, and a count that fits its
 * length. To the later drafts it would be a withdrawal with providers, which there is not.
 */
function isOldAspa({ number, length }: Pdu, view: DataView, at: number): boolean {
  return number === 0 && length >= OLD_ASPA_OCTETS && length === OLD_ASPA_OCTETS + 4 * view.getUint16(at + 10)
}

function readOldAspa(view: DataView, at: number): Change | RtrProblem {
  const afi = (view.getUint8(at + 9) & 1) === 0 ? 1 : 2
  const count = view.getUint16(at + 10)
  const end = at + OLD_ASPA_OCTETS + 4 * count
  return aspa(view.getUint8(at + 8), view.getUint32(at + 12), afi, readProviders(view, at + OLD_ASPA_OCTETS, end))
}
