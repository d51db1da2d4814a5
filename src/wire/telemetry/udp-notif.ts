// The header of UDP-notif (draft-ietf-netconf-udp-notif): twelve octets and options before each message, or a part of one.
import type { Problem } from '../../contract/problem.ts'

export type MediaType = 'json' | 'xml' | 'cbor' | 'unknown'

export const UDP_NOTIF_HEADER_OCTETS = 12
const REFERENCE = 'draft-ietf-netconf-udp-notif section 3'
/** Options that are read; others are passed over. */
const SEGMENTATION = 1
/** Of drafts up to -17: what the encoding is that flag S speaks of. */
const PRIVATE_ENCODING = 2
const OPTION_OCTETS = 2

/** Media types by number: application/yang-data+json and its sisters. */
const MEDIA_TYPES: { readonly [type: number]: MediaType } = { 1: 'json', 2: 'xml', 3: 'cbor' }
/** Encodings of version 0, which drafts before the media types had (up to -04). */
const LEGACY_ENCODINGS: { readonly [type: number]: MediaType } = { 0: 'cbor', 1: 'json', 2: 'xml' }

export interface UdpNotifHeader {
  readonly version: number
  readonly mediaType: MediaType
  /** Message publisher id; once: observation domain, message generator. */
  readonly publisher: number
  readonly message: number
  /** Where the payload lies. */
  readonly start: number
  readonly end: number
  /** Undefined = the message is whole. */
  readonly segment: { readonly number: number; readonly isLast: boolean } | undefined
  /** Of a private encoding, where the node says it. */
  readonly privateEncoding: string | undefined
}

type Options = Pick<UdpNotifHeader, 'segment' | 'privateEncoding'>

/** Whether octets start..end can be a message of UDP-notif: the version, and lengths that fit. */
export function looksLikeUdpNotif(view: DataView, start: number, end: number): boolean {
  const octets = end - start
  if (octets < UDP_NOTIF_HEADER_OCTETS) return false
  const version = view.getUint8(start) >> 5
  const headerOctets = view.getUint8(start + 1)
  if (version > 1 || headerOctets < UDP_NOTIF_HEADER_OCTETS || headerOctets > octets) return false
  return view.getUint16(start + 2) === octets
}

/** The header of octets start..end, or a Problem `udp-notif/...`. */
export function readUdpNotif(view: DataView, start: number, end: number): UdpNotifHeader | Problem {
  const octets = end - start
  if (octets < UDP_NOTIF_HEADER_OCTETS) return truncated(`${octets} octets are shorter than the header`)
  const first = view.getUint8(start)
  const version = first >> 5
  if (version > 1)
    return { code: 'udp-notif/version', message: `version ${version} is not known`, reference: REFERENCE }
  const headerOctets = view.getUint8(start + 1)
  const length = view.getUint16(start + 2)
  if (headerOctets < UDP_NOTIF_HEADER_OCTETS || headerOctets > length) {
    return malformed(`the header says ${headerOctets} octets of itself and ${length} of the message`)
  }
  if (length > octets) return truncated(`${length} octets are announced, ${octets} came`)
  const options = readOptions(view, start + UDP_NOTIF_HEADER_OCTETS, start + headerOctets)
  if ('code' in options) return options
  const isPrivate = (first & 0x10) !== 0 && version === 1
  const types = version === 0 ? LEGACY_ENCODINGS : MEDIA_TYPES
  return {
    version,
    mediaType: isPrivate ? 'unknown' : (types[first & 0x0f] ?? 'unknown'),
    publisher: view.getUint32(start + 4),
    message: view.getUint32(start + 8),
    start: start + headerOctets,
    end: start + length,
    ...options,
  }
}

function readOptions(view: DataView, start: number, end: number): Options | Problem {
  let segment: Options['segment']
  let privateEncoding: string | undefined
  for (let at = start; at < end; ) {
    const length = at + 1 < end ? view.getUint8(at + 1) : 0
    if (length < OPTION_OCTETS || at + length > end) return malformed(`an option of ${length} octets`)
    if (view.getUint8(at) === SEGMENTATION) {
      if (length !== 4) return malformed(`a segmentation option of ${length} octets`)
      const word = view.getUint16(at + 2)
      segment = { number: word >> 1, isLast: (word & 1) === 1 }
    }
    if (view.getUint8(at) === PRIVATE_ENCODING) {
      privateEncoding = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 2, length - 2))
    }
    at += length
  }
  return { segment, privateEncoding }
}

const truncated = (message: string): Problem => ({ code: 'udp-notif/truncated', message, reference: REFERENCE })
const malformed = (message: string): Problem => ({ code: 'udp-notif/malformed', message, reference: REFERENCE })
