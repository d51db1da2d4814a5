// Records of BMP messages: what all of them have, and the envelope of routes (pmacct's keys).
import type { NetRecord, Value } from '../../contract/record.ts'
import type { Envelope } from '../bgp/records.ts'
import type { BmpDecoderOptions, BmpRouter } from './options.ts'
import { PEER_TYPES, type PeerHeader } from './peer-header.ts'
import type { PeerView } from './router.ts'

/** Keys of a route's record that its message gives, in order. */
export const ROUTE_ENVELOPE = [
  'event_type',
  'bmp_msg_type',
  'timestamp',
  'timestamp_arrival',
  'bmp_router',
  'bmp_router_port',
  'peer_ip',
  'peer_asn',
  'bgp_id',
  'peer_tcp_port',
  'pd',
  'pd_origin',
  'bmp_rib_type',
  'is_filtered',
  'is_in',
  'is_out',
  'is_post',
  'is_loc',
] as const

/** Of one message. */
export interface Moment {
  readonly router: BmpRouter
  /** The router's time, Unix microseconds; 0 = it does not say. */
  readonly timeUs: number
  readonly arrivalUs: number
}

const seconds = (microseconds: number): number => microseconds / 1e6

export function routeEnvelope(
  { header, remotePort }: PeerView,
  { router, timeUs, arrivalUs }: Moment,
  messageType: 'route_monitor' | 'route_mirror',
  { compat, distinguisher }: BmpDecoderOptions,
  ownDistinguishers: boolean,
): Envelope {
  const { rib, distinguisher: said } = header
  const isPd = said !== undefined && (distinguisher === 'pd' || ownDistinguishers)
  const { fields } = rib
  const values: (Value | undefined)[] = [
    'log',
    messageType,
    timeUs === 0 && compat === undefined ? undefined : seconds(timeUs),
    seconds(arrivalUs),
    router.address,
    router.port,
    header.address,
    header.as,
    header.bgpId,
    remotePort ?? (compat ? 0 : undefined),
    isPd ? said : undefined,
    isPd ? 'bmp' : undefined,
    fields.bmp_rib_type,
    fields.is_filtered,
    fields.is_in,
    fields.is_out,
    fields.is_post,
    fields.is_loc,
  ]
  return { values, rd: distinguisher === 'rd' ? said : undefined }
}

/** Start and end of a session. */
export function sessionRecord(router: BmpRouter, eventType: 'log_init' | 'log_close', arrivalUs: number): NetRecord {
  return {
    event_type: eventType,
    timestamp: seconds(arrivalUs),
    bmp_router: router.address,
    bmp_router_port: router.port,
  }
}

/** What any message begins with. */
export function eventRecord({ router, timeUs, arrivalUs }: Moment, messageType: string, compat: boolean): NetRecord {
  const record: NetRecord = { event_type: 'log', bmp_msg_type: messageType }
  if (timeUs !== 0 || compat) record.timestamp = seconds(timeUs)
  record.timestamp_arrival = seconds(arrivalUs)
  record.bmp_router = router.address
  record.bmp_router_port = router.port
  return record
}

/** Adds what the per-peer header says. */
export function putPeer(into: NetRecord, header: PeerHeader, distinguisher: 'rd' | 'pd', inWords: boolean): NetRecord {
  into.peer_ip = header.address
  into.peer_asn = header.as
  into.bgp_id = header.bgpId
  into.peer_type = header.type
  if (inWords) into.peer_type_str = PEER_TYPES[header.type] ?? `type ${header.type}`
  Object.assign(into, header.rib.fields)
  if (header.distinguisher !== undefined) {
    into[distinguisher] = header.distinguisher
    into[`${distinguisher}_origin`] = 'bmp'
  }
  return into
}

/** The end of a RIB with further keys, which those of RouteRecords do not have. */
export function endOfRib(
  { values }: Envelope,
  { afi, safi }: { readonly afi: number; readonly safi: number },
  fields: NetRecord,
): NetRecord {
  const record: NetRecord = { log_type: 'end-of-rib' }
  ROUTE_ENVELOPE.forEach((name, index) => {
    const value = values[index]
    if (value !== undefined) record[name] = value
  })
  return Object.assign(record, { afi, safi }, fields)
}
