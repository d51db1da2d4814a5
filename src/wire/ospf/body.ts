// What packets carry: hellos, database descriptions, requests, updates, acknowledgements (RFC 2328 section A.3, RFC 5340
// section A.3).
import { ipv4Address } from '../bgp/nlri/prefix-text.ts'
import { LSA_HEADER_OCTETS, type Lsa, type LsaHeader, readLsa, readLsaHeader, type Version } from './lsa.ts'
import { PACKET, type Packet } from './packet.ts'

export interface Hello {
  readonly kind: 'hello'
  /** OSPFv2: the mask of the network. */
  readonly mask: string | undefined
  /** OSPFv3. */
  readonly interfaceId: number | undefined
  readonly priority: number
  readonly options: number
  readonly helloSeconds: number
  readonly deadSeconds: number
  readonly designated: string
  readonly backup: string
  readonly neighbors: readonly string[]
}

export interface Description {
  readonly kind: 'description'
  readonly mtu: number
  readonly options: number
  /** I 4, M 2, MS 1. */
  readonly flags: number
  readonly sequence: number
  readonly headers: readonly LsaHeader[]
}

export interface Request {
  readonly kind: 'request'
  readonly wanted: readonly Pick<LsaHeader, 'version' | 'type' | 'id' | 'advertisingRouter'>[]
}

export interface Update {
  readonly kind: 'update'
  readonly lsas: readonly Lsa[]
  /** Why there are fewer than it says; those before are good. */
  readonly cut: string | undefined
}

export interface Acknowledgement {
  readonly kind: 'acknowledgement'
  readonly headers: readonly LsaHeader[]
}

export type Body = Hello | Description | Request | Update | Acknowledgement

/** Options of OSPFv3 have three octets. */
const longOptions = (view: DataView, at: number): number => view.getUint32(at) & 0xffffff
const each = <Item>(start: number, end: number, width: number, item: (at: number) => Item): Item[] =>
  Array.from({ length: Math.floor((end - start) / width) }, (_, index) => item(start + width * index))

const HELLO_OCTETS = 20
const DESCRIPTION_OCTETS: { readonly [version in Version]: number } = { 2: 8, 3: 12 }
const REQUEST_OCTETS = 12

type Read = (packet: Packet) => Body | string

const hello: Read = ({ version, octets, view, headerOctets: at }) => {
  if (octets.length < at + HELLO_OCTETS) return `a hello of ${octets.length - at} octets`
  const shared = {
    kind: 'hello',
    designated: ipv4Address(octets, at + 12),
    backup: ipv4Address(octets, at + 16),
    neighbors: each(at + HELLO_OCTETS, octets.length, 4, from => ipv4Address(octets, from)),
  } as const
  if (version === 2) {
    return {
      ...shared,
      mask: ipv4Address(octets, at),
      interfaceId: undefined,
      helloSeconds: view.getUint16(at + 4),
      options: octets[at + 6] as number,
      priority: octets[at + 7] as number,
      deadSeconds: view.getUint32(at + 8),
    }
  }
  return {
    ...shared,
    mask: undefined,
    interfaceId: view.getUint32(at),
    priority: octets[at + 4] as number,
    options: longOptions(view, at + 4),
    helloSeconds: view.getUint16(at + 8),
    deadSeconds: view.getUint16(at + 10),
  }
}

function headers({ version, octets, view }: Packet, start: number): LsaHeader[] | string {
  const rest = (octets.length - start) % LSA_HEADER_OCTETS
  if (rest !== 0) return `${rest} octets behind the last LSA header`
  return each(start, octets.length, LSA_HEADER_OCTETS, at => readLsaHeader(version, octets, view, at))
}

const description: Read = packet => {
  const { version, octets, view, headerOctets: at } = packet
  const start = at + DESCRIPTION_OCTETS[version]
  if (octets.length < start) return `a database description of ${octets.length - at} octets`
  const found = headers(packet, start)
  if (typeof found === 'string') return found
  const isV2 = version === 2
  return {
    kind: 'description',
    mtu: view.getUint16(isV2 ? at : at + 4),
    options: isV2 ? (octets[at + 2] as number) : longOptions(view, at),
    flags: octets[isV2 ? at + 3 : at + 7] as number,
    sequence: view.getUint32(start - 4),
    headers: found,
  }
}

const request: Read = ({ version, octets, view, headerOctets: start }) => {
  const rest = (octets.length - start) % REQUEST_OCTETS
  if (rest !== 0) return `${rest} octets behind the last request`
  const wanted = each(start, octets.length, REQUEST_OCTETS, at => ({
    version,
    type: view.getUint32(at),
    id: ipv4Address(octets, at + 4),
    advertisingRouter: ipv4Address(octets, at + 8),
  }))
  return { kind: 'request', wanted }
}

const update: Read = ({ version, octets, view, headerOctets }) => {
  if (octets.length < headerOctets + 4) return 'an update without its number of LSAs'
  const count = view.getUint32(headerOctets)
  const lsas: Lsa[] = []
  let at = headerOctets + 4
  let cut: string | undefined
  while (lsas.length < count && cut === undefined) {
    const left = octets.length - at
    if (left < LSA_HEADER_OCTETS) cut = `${count} LSAs are said, and ${lsas.length} are there`
    else {
      const header = readLsaHeader(version, octets, view, at)
      if (header.length < LSA_HEADER_OCTETS || header.length > left) {
        cut = `an LSA says a length of ${header.length}, and ${left} octets are there`
      } else lsas.push(readLsa(header, octets, at))
      at += header.length
    }
  }
  return { kind: 'update', lsas, cut }
}

const acknowledgement: Read = packet => {
  const found = headers(packet, packet.headerOctets)
  return typeof found === 'string' ? found : { kind: 'acknowledgement', headers: found }
}

const READERS: { readonly [type: number]: Read } = {
  [PACKET.hello]: hello,
  [PACKET.description]: description,
  [PACKET.request]: request,
  [PACKET.update]: update,
  [PACKET.acknowledgement]: acknowledgement,
}

/** The body of a packet; what is wrong with it in words. */
export const readBody = (packet: Packet): Body | string => (READERS[packet.type] as Read)(packet)
