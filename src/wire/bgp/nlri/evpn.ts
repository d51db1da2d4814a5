// EVPN NLRI: [path identifier], route type, length, value (RFC 7432 section 7, RFC 9136 section 3).
import type { NetRecord } from '../../../contract/record.ts'
import { hexText } from '../../../octets/address.ts'
import type { NlriContext, ReadNlri, Route } from '../route.ts'
import { addressText, ipv4Address, ipv4Prefix, ipv6Address, ipv6Prefix } from './prefix-text.ts'
import { distinguisherText, RD_OCTETS } from './route-distinguisher.ts'

const ESI_OCTETS = 10
const MAC_BITS = 48

/** Where a value stands while it is read. */
interface Value {
  readonly octets: Uint8Array
  readonly view: DataView
  at: number
  readonly end: number
  readonly context: NlriContext
  /** The first label, once it was read. */
  label: number | undefined
}

/** Reads what follows the route distinguisher into `fields`; the prefix where there is one, false when malformed. */
type ReadType = (value: Value, fields: NetRecord) => string | undefined | false

const colons = (octets: Uint8Array, start: number, end: number): string =>
  (hexText(octets, start, end).match(/../g) ?? []).join(':')

/** The segment is left out where it is 0: none. */
function takeSegment(value: Value, fields: NetRecord, always: boolean): void {
  const { octets, at } = value
  const end = at + ESI_OCTETS
  if (always || octets.subarray(at, end).some(octet => octet !== 0)) fields.evpn_esi = colons(octets, at, end)
  value.at = end
}

function takeTag(value: Value, fields: NetRecord): void {
  fields.evpn_ethernet_tag = value.view.getUint32(value.at)
  value.at += 4
}

/** A length in bits and an address of 0, 32 or 128; false for any other. */
function takeAddress(value: Value, fields: NetRecord, name: string): boolean {
  const bits = value.octets[value.at++] as number
  if (bits !== 0 && bits !== 32 && bits !== 128) return false
  const next = value.at + bits / 8
  if (next > value.end) return false
  if (bits > 0) fields[name] = addressText(value.octets, value.at, bits / 8)
  value.at = next
  return true
}

function takeLabel(value: Value, fields: NetRecord, second = false): void {
  const word = value.view.getUint32(value.at - 1) & 0xffffff
  value.at += 3
  if (value.context.withdraw) return
  if (value.context.vni) fields[second ? 'evpn_vni2' : 'evpn_vni'] = word
  else if (second) fields.evpn_label2 = word >>> 4
  else value.label = word >>> 4
}

const ethernetAutoDiscovery: ReadType = (value, fields) => {
  if (value.end - value.at !== 17) return false
  takeSegment(value, fields, true)
  takeTag(value, fields)
  takeLabel(value, fields)
  return undefined
}

const macIp: ReadType = (value, fields) => {
  if (value.end - value.at < 25) return false
  takeSegment(value, fields, false)
  takeTag(value, fields)
  if (value.octets[value.at] !== MAC_BITS) return false
  fields.evpn_mac = colons(value.octets, value.at + 1, value.at + 7)
  value.at += 7
  if (!takeAddress(value, fields, 'evpn_ip')) return false
  const rest = value.end - value.at
  if (rest !== 3 && rest !== 6) return false
  takeLabel(value, fields)
  if (rest === 6) takeLabel(value, fields, true)
  return undefined
}

const inclusiveMulticast: ReadType = (value, fields) => {
  if (value.end - value.at < 9) return false
  takeTag(value, fields)
  return takeAddress(value, fields, 'evpn_originator') && value.at === value.end ? undefined : false
}

const ethernetSegment: ReadType = (value, fields) => {
  if (value.end - value.at < 15) return false
  takeSegment(value, fields, true)
  return takeAddress(value, fields, 'evpn_originator') && value.at === value.end ? undefined : false
}

const ipPrefix: ReadType = (value, fields) => {
  const rest = value.end - value.at
  const addressOctets = rest === 26 ? 4 : 16
  if (rest !== 26 && rest !== 50) return false
  takeSegment(value, fields, false)
  takeTag(value, fields)
  const { octets } = value
  const length = octets[value.at++] as number
  if (length > 8 * addressOctets) return false
  const prefix = addressOctets === 4 ? ipv4Prefix(octets, value.at, length) : ipv6Prefix(octets, value.at, length)
  value.at += addressOctets
  const gateway = addressOctets === 4 ? ipv4Address(octets, value.at) : ipv6Address(octets, value.at)
  if (gateway !== '0.0.0.0' && gateway !== '::') fields.evpn_gateway = gateway
  value.at += addressOctets
  takeLabel(value, fields)
  return prefix
}

const TYPES: { readonly [type: number]: ReadType } = {
  1: ethernetAutoDiscovery,
  2: macIp,
  3: inclusiveMulticast,
  4: ethernetSegment,
  5: ipPrefix,
}

export const evpn: ReadNlri = (octets, view, start, end, context, routes, skip) => {
  let at = start
  while (at < end) {
    let pathId: number | undefined
    if (context.addPath) {
      if (end - at < 6) return `a path identifier is cut at ${end - at} octets`
      pathId = view.getUint32(at)
      at += 4
    }
    if (end - at < 2) return 'a route header is cut'
    const type = octets[at] as number
    const from = at + 2
    at = from + (octets[at + 1] as number)
    if (at > end) return `a route of type ${type} goes beyond the end`
    const route = readRoute(type, pathId, { octets, view, at: from, end: at, context, label: undefined })
    if (route) routes.push(route)
    else skip(`a malformed EVPN route of type ${type}, ${at - from} octets`)
  }
  return undefined
}

function readRoute(type: number, pathId: number | undefined, value: Value): Route | undefined {
  const { octets, view, at, end } = value
  const read = TYPES[type]
  const fields: NetRecord = { evpn_route_type: type }
  if (!read) {
    fields.nlri_unknown = hexText(octets, at, end)
    return { prefix: undefined, pathId, rd: undefined, label: undefined, fields }
  }
  if (end - at < RD_OCTETS) return undefined
  const rd = distinguisherText(octets, view, at)
  value.at += RD_OCTETS
  const prefix = read(value, fields)
  return prefix === false ? undefined : { prefix, pathId, rd, label: value.label, fields }
}
