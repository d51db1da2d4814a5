// HTTPS-notif (draft-ietf-netconf-https-notif-15): the two resources of a receiver, media types, what it says it can.
//
// Names of resources, media types and capabilities differ between drafts; all are known here.
import type { BodyEncoding } from './yang-push.ts'

export type Resource = 'capabilities' | 'relay-notification'

/** The last part of a path; what stands before is the user's. */
const RESOURCES: { readonly [last: string]: Resource } = {
  capabilities: 'capabilities',
  'relay-notification': 'relay-notification',
  'relay-notifications': 'relay-notification',
}
/** Best first. */
const MEDIA_TYPES: { readonly [mediaType: string]: BodyEncoding } = {
  'application/json': 'json',
  'application/yang-data+json': 'json',
  'application/xml': 'xml',
  'application/yang-data+xml': 'xml',
  'application/cbor': 'cbor',
  'application/yang-data+cbor': 'cbor',
}
export const ACCEPTED = Object.keys(MEDIA_TYPES).join(', ')

/** URNs of drafts up to -15, and of later ones. */
const CAPABILITIES = [
  'urn:ietf:capability:https-notif-receiver:',
  'urn:ietf:params:yang-notif:https-capability:',
].flatMap(urn => ['encoding:json', 'encoding:xml', 'encoding:cbor', 'sub-notif'].map(what => `${urn}${what}`))
const CONTAINER = 'receiver-capabilities'
const MODULE = 'ietf-https-notif-transport'
const NAMESPACE = `urn:ietf:params:xml:ns:yang:${MODULE}`
const LIST = 'receiver-capability'

/** What the path of a request (`/some/path/capabilities?x`) names. */
export function resourceOf(url: string): Resource | undefined {
  const [path = ''] = url.split('?')
  return RESOURCES[path.slice(path.lastIndexOf('/') + 1)]
}

/** How a body is encoded; its parameters say nothing more. */
export function encodingOf(contentType: string | undefined): BodyEncoding | undefined {
  return MEDIA_TYPES[(contentType?.split(';')[0] ?? '').trim().toLowerCase()]
}

/** The media type to answer in (RFC 9110 section 12.5.1); JSON where none is asked for, undefined where none is possible. */
export function answerType(accept: string | undefined): string | undefined {
  if (accept === undefined || accept.trim() === '') return 'application/json'
  let best: string | undefined
  let bestQuality = 0
  for (const range of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map(part => part.trim())
    const quality = Number(parameters.find(parameter => parameter.startsWith('q='))?.slice(2) ?? 1)
    const type = Object.keys(MEDIA_TYPES).find(one => name === one || name === '*/*' || name === 'application/*')
    if (type === undefined || !(quality > bestQuality)) continue
    best = type
    bestQuality = quality
  }
  return best
}

/** The body of an answer about capabilities. Types of YANG data have the container in its module, others as drafts up to -15. */
export function capabilities(mediaType: string): string | Uint8Array {
  const isYang = mediaType.includes('yang-data')
  const container = isYang ? `${MODULE}:${CONTAINER}` : CONTAINER
  const encoding = encodingOf(mediaType)
  if (encoding === 'json') return JSON.stringify({ [container]: { [LIST]: CAPABILITIES } })
  if (encoding === 'cbor') return cborCapabilities(container)
  const entries = CAPABILITIES.map(urn => `<${LIST}>${urn}</${LIST}>`).join('')
  return `<${CONTAINER}${isYang ? ` xmlns="${NAMESPACE}"` : ''}>${entries}</${CONTAINER}>`
}

/** Maps of one member, a list of texts (RFC 8949 section 3.1). */
function cborCapabilities(container: string): Uint8Array {
  const octets = [0xa1, ...cborText(container), 0xa1, ...cborText(LIST), 0x80 | CAPABILITIES.length]
  return Uint8Array.from([...octets, ...CAPABILITIES.flatMap(cborText)])
}

/** Of less than 256 octets. */
function cborText(text: string): number[] {
  const octets = new TextEncoder().encode(text)
  return octets.length < 24 ? [0x60 | octets.length, ...octets] : [0x78, octets.length, ...octets]
}
