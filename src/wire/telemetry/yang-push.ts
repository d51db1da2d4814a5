// Messages of YANG-Push over UDP-notif: whole payloads decoded by their media type, subscriptions followed.
import { isProblem, type Problem } from '../../contract/problem.ts'
import type { Value } from '../../contract/record.ts'
import { decodeCbor } from './cbor.ts'
import { isReadProblem, JsonDocuments, parseJson, parseWhole } from './json-documents.ts'
import { LATE, type NodeState } from './node-state.ts'
import { isMembers } from './notification.ts'
import type { Payload, Witness } from './options.ts'
import { Segments } from './segments.ts'
import { type MediaType, readUdpNotif } from './udp-notif.ts'
import { decodeXml } from './xml.ts'

export type BodyEncoding = Exclude<MediaType, 'unknown'>

const DECODERS: { readonly [type in BodyEncoding]: (octets: Uint8Array) => Value | Problem } = {
  json: parseJson,
  xml: decodeXml,
  cbor: decodeCbor,
}

export class YangPush {
  readonly segments: Segments
  readonly #witness: Witness

  constructor(maxMessageOctets: number, witness: Witness) {
    this.#witness = witness
    this.segments = new Segments(maxMessageOctets, (event, by) => witness.count(`udp-notif/${event}`, by))
  }

  /** What the message in octets start..end says; undefined when more segments must come, or it cannot be read. */
  read(
    octets: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    node: NodeState,
    timeUs: number,
  ): Payload | undefined {
    const header = readUdpNotif(view, start, end)
    if (isProblem(header)) return this.#wrong(header, node)
    const missing = node.follow(header.publisher, header.message)
    if (missing > 0) this.#witness.count('lost/udp-notif-messages', missing)
    if (missing === LATE) this.#witness.count('udp-notif/out-of-order')
    const payload = this.segments.add(node.address, header, octets, timeUs)
    if (!payload) return undefined
    const type = header.version === 0 ? legacyType(payload, header.mediaType) : header.mediaType
    if (type === 'unknown') {
      this.#witness.count('udp-notif/unknown-media-type')
      return {
        data: Buffer.from(payload).toString('base64'),
        serialization: 'unknown',
        protocol: 'yang-push',
        privateEncoding: header.privateEncoding,
      }
    }
    const data = DECODERS[type](payload)
    if (isReadProblem(data)) return this.#wrong(data, node)
    const subscription = node.subscriptions.follow(data)
    return { data, serialization: type, protocol: 'yang-push', subscription }
  }

  #wrong(problem: Problem, { address }: NodeState): undefined {
    this.#witness.report({ ...problem, message: `${address}: ${problem.message}` })
    return undefined
  }
}

/** Drafts before -05 changed their numbers: what the payload begins like says more. */
function legacyType(payload: Uint8Array, announced: MediaType): MediaType {
  if (payload[0] === 0x7b) return 'json'
  return payload[0] === 0x3c ? 'xml' : announced
}

/** The notifications of a body, one or a list of them; a Problem when one of them cannot be read: then none is taken. */
export function readBody(octets: Uint8Array, encoding: BodyEncoding): readonly Value[] | Problem {
  const documents = encoding === 'json' ? jsonBody(octets) : [DECODERS[encoding](octets)]
  const notifications: Value[] = []
  for (const document of documents) {
    if (isReadProblem(document)) return document
    for (const one of Array.isArray(document) ? document : [document]) {
      if (!isMembers(one)) return { code: 'telemetry/no-notification', message: 'no notification, but another value' }
      notifications.push(one)
    }
  }
  if (notifications.length > 0) return notifications
  return { code: 'telemetry/no-notification', message: 'a body without a notification' }
}

function jsonBody(octets: Uint8Array): readonly (Value | Problem)[] {
  const whole = parseWhole(octets)
  if (whole !== undefined) return [whole]
  const reader = new JsonDocuments(octets.length)
  const documents = [...reader.take(octets, 0, octets.length)]
  const isWhole = reader.rest === 0 && reader.garbage === 0
  return isWhole ? documents : [{ code: 'telemetry/json', message: 'the body is not JSON, or not all of it' }]
}
