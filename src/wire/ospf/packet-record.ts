// A packet as a record of its own: header and body, for who looks at the protocol itself (ospf-read --pdus).
import type { NetRecord, Value } from '../../contract/record.ts'
import { addressText } from '../bgp/nlri/prefix-text.ts'
import type { Acknowledgement, Body, Description, Hello, Request, Update } from './body.ts'
import { placeOf } from './database.ts'
import { mergedOf, sayingsOf } from './link-state-log.ts'
import { isLsaChecksumRight, type Lsa, type LsaHeader, lsaName } from './lsa.ts'
import { type Carrier, PACKET_NAMES, type Packet } from './packet.ts'
import type { Saying } from './said.ts'

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

function headerValues(header: LsaHeader): NetRecord {
  const { id, advertisingRouter, ageSeconds, isAgeless, sequence, checksum, length, options, version } = header
  return {
    type: lsaName(header),
    id,
    advertising_router: advertisingRouter,
    age: ageSeconds,
    ...(isAgeless ? { do_not_age: true } : {}),
    ...(version === 2 ? { options: hex(options, 2) } : {}),
    sequence: hex(sequence >>> 0, 8),
    checksum,
    length,
  }
}

/** What an LSA says by itself, without what others say of its neighbours: networks of OSPFv2 need that. */
function objectsOf(lsa: Lsa, { instance, areaId }: Packet): NetRecord[] {
  const place = placeOf(lsa, instance, areaId)
  const byObject = new Map<string, Saying[]>()
  const others = { designatedOf: () => undefined, areasOf: () => [] }
  for (const saying of sayingsOf(lsa, place, () => {}, others)) {
    const key = JSON.stringify(saying.descriptors)
    byObject.set(key, [...(byObject.get(key) ?? []), { ...saying, isObject: true }])
  }
  return [...byObject.values()].flatMap(sayings => {
    const object = mergedOf(new Map([['', sayings]]))
    return object ? [{ ...object.attributes, ...object.descriptors }] : []
  })
}

type Write<Part> = (body: Part, packet: Packet) => NetRecord

const hello: Write<Hello> = body => ({
  ...(body.mask === undefined ? {} : { ospf_network_mask: body.mask }),
  ...(body.interfaceId === undefined ? {} : { ospf_interface_id: body.interfaceId }),
  ospf_hello_interval: body.helloSeconds,
  ospf_dead_interval: body.deadSeconds,
  ospf_priority: body.priority,
  ospf_designated_router: body.designated,
  ospf_backup_designated_router: body.backup,
  ospf_neighbors: [...body.neighbors],
})

const description: Write<Description> = ({ mtu, flags, sequence, headers }) => ({
  ospf_mtu: mtu,
  ospf_dd_flags: hex(flags, 2),
  ospf_dd_sequence: sequence,
  ospf_lsa_headers: headers.map(headerValues),
})

const request: Write<Request> = ({ wanted }) => ({
  ospf_requests: wanted.map(one => ({ type: lsaName(one), id: one.id, advertising_router: one.advertisingRouter })),
})

const update: Write<Update> = ({ lsas }, packet) => ({
  ospf_lsas: lsas.map((lsa): { [name: string]: Value } => ({
    ...headerValues(lsa),
    checksum_ok: isLsaChecksumRight(lsa),
    objects: objectsOf(lsa, packet),
  })),
})

const acknowledgement: Write<Acknowledgement> = ({ headers }) => ({ ospf_lsa_headers: headers.map(headerValues) })

function bodyValues(body: Body, packet: Packet): NetRecord {
  if (body.kind === 'hello') return hello(body, packet)
  if (body.kind === 'description') return description(body, packet)
  if (body.kind === 'request') return request(body, packet)
  if (body.kind === 'update') return update(body, packet)
  return acknowledgement(body, packet)
}

/** Without its envelope (time, domain). */
export function packetRecord(packet: Packet, body: Body, { addresses, family }: Carrier): NetRecord {
  const { version, type, routerId, areaId, instance, authentication, checksum, trailerOctets } = packet
  const octets = family === 4 ? 4 : 16
  const options = 'options' in body ? { ospf_options: hex(body.options, version === 2 ? 2 : 6) } : {}
  return {
    ospf_version: version,
    ospf_packet: PACKET_NAMES[type] as string,
    ip_src: addressText(addresses, 0, octets),
    ip_dst: addressText(addresses, octets, octets),
    ospf_router_id: routerId,
    ospf_area_id: areaId,
    ospf_instance_id: instance,
    ospf_authentication: authentication,
    ospf_checksum: checksum,
    ...(trailerOctets > 0 ? { ospf_trailer_octets: trailerOctets } : {}),
    ...options,
    ...bodyValues(body, packet),
  }
}
