// Telemetry without a protocol around it: datagrams that are JSON documents, Cisco's messages, Juniper's, or GPB.
import { isProblem, type Problem } from '../../contract/problem.ts'
import { decodeCiscoGpb } from './cisco-gpb.ts'
import { CISCO_HEADER_OCTETS, decodeCisco, readCiscoHeader } from './cisco-mdt.ts'
import { isReadProblem, JsonDocuments, parseWhole } from './json-documents.ts'
import { decodeJti, jtiSource } from './jti/jti.ts'
import { LATE, type NodeState } from './node-state.ts'
import type { Payload, Witness } from './options.ts'

export type ReadDatagram = (octets: Uint8Array, node: NodeState, witness: Witness) => Iterable<Payload | Problem>

/** One document or several; lines of NDJSON. */
export function* readJsonDatagram(octets: Uint8Array): Generator<Payload | Problem> {
  const whole = parseWhole(octets)
  if (whole !== undefined) {
    yield { data: whole, serialization: 'json', protocol: 'telemetry' }
    return
  }
  const documents = new JsonDocuments(octets.length)
  for (const document of documents.take(octets, 0, octets.length)) {
    yield isReadProblem(document) ? document : { data: document, serialization: 'json', protocol: 'telemetry' }
  }
  if (documents.rest > 0) yield { code: 'telemetry/json', message: 'a datagram ends within a document' }
  else if (documents.garbage > 0)
    yield { code: 'telemetry/json', message: `${documents.garbage} octets that are no JSON object or array` }
}

/** Exactly one message. */
export function* readCiscoDatagram(octets: Uint8Array): Generator<Payload | Problem> {
  const room = octets.length - CISCO_HEADER_OCTETS
  if (room < 0) {
    yield { code: 'cisco-mdt/header', message: `${octets.length} octets are shorter than the header` }
    return
  }
  const header = readCiscoHeader(new DataView(octets.buffer, octets.byteOffset, octets.length), 0)
  if (isProblem(header)) yield header
  else if (header.length > room) {
    yield { code: 'cisco-mdt/truncated', message: `${header.length} octets are announced, ${room} came` }
  } else if (header.encapsulation) {
    const end = CISCO_HEADER_OCTETS + header.length
    yield ciscoPayload(header.encapsulation, octets.subarray(CISCO_HEADER_OCTETS, end))
  }
}

export function ciscoPayload(encapsulation: 'gpb' | 'json', octets: Uint8Array): Payload | Problem {
  const data = decodeCisco(encapsulation, octets)
  return isReadProblem(data) ? data : { data, serialization: encapsulation, protocol: 'telemetry' }
}

/** Cisco's telemetry.proto where it is that; any other message as base64, as pmacct keeps it. */
export function* readGpbDatagram(octets: Uint8Array): Generator<Payload> {
  const decoded = decodeCiscoGpb(octets)
  const isCisco =
    !isReadProblem(decoded) && decoded !== null && typeof decoded === 'object' && 'encoding_path' in decoded
  const data = isCisco ? decoded : Buffer.from(octets).toString('base64')
  yield { data, serialization: 'gpb', protocol: 'telemetry' }
}

/** Juniper's TelemetryStream; the numbers of each sensor's messages are followed. */
export function* readJtiDatagram(octets: Uint8Array, node: NodeState, witness: Witness): Generator<Payload | Problem> {
  const data = decodeJti(octets, event => witness.count(`jti/${event}`))
  if (isReadProblem(data)) {
    yield data
    return
  }
  if (typeof data.sequence_number === 'number') {
    const missing = node.follow(jtiSource(data), data.sequence_number)
    if (missing > 0) witness.count('lost/jti-messages', missing)
    if (missing === LATE) witness.count('jti/out-of-order')
  }
  yield { data, serialization: 'gpb', protocol: 'telemetry' }
}
