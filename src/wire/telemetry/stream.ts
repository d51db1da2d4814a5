// Telemetry over TCP: messages found in the octets of a connection.
import { isProblem, type Problem } from '../../contract/problem.ts'
import { CISCO_HEADER_OCTETS, type CiscoHeader, readCiscoHeader } from './cisco-mdt.ts'
import { isReadProblem, JsonDocuments } from './json-documents.ts'
import type { Payload, TelemetryDecoderName } from './options.ts'
import { ciscoPayload } from './plain.ts'

/** Finds messages. A Problem with `isOver` ends the connection: nothing says where the next message begins. */
export interface TelemetryStream {
  take(octets: Uint8Array): Iterable<Payload | Problem>
  /** Octets of a message that is not whole. */
  readonly rest: number
  isOver: boolean
}

/** A stream that is told by its first octet: Cisco's header begins with 0. */
export function telemetryStream(decoder: TelemetryDecoderName, first: number, maxOctets: number): TelemetryStream {
  const isCisco = decoder === 'cisco' || (decoder === 'auto' && first === 0)
  return isCisco ? new CiscoStream(maxOctets) : new JsonStream(maxOctets)
}

class JsonStream implements TelemetryStream {
  isOver = false
  readonly #documents: JsonDocuments

  constructor(maxOctets: number) {
    this.#documents = new JsonDocuments(maxOctets)
  }

  get rest(): number {
    return this.#documents.rest
  }

  *take(octets: Uint8Array): Generator<Payload | Problem> {
    const documents = this.#documents
    for (const document of documents.take(octets, 0, octets.length)) {
      yield isReadProblem(document) ? document : { data: document, serialization: 'json', protocol: 'telemetry' }
    }
    if (documents.garbage === 0) return
    yield { code: 'telemetry/json', message: `${documents.garbage} octets that are no JSON object or array` }
    documents.garbage = 0
  }
}

class CiscoStream implements TelemetryStream {
  isOver = false
  readonly #maxOctets: number
  #parts: Uint8Array[] = []
  #filled = 0
  #header: CiscoHeader | undefined

  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets
  }

  get rest(): number {
    return this.#filled + (this.#header ? CISCO_HEADER_OCTETS : 0)
  }

  *take(octets: Uint8Array): Generator<Payload | Problem> {
    this.#parts.push(octets)
    this.#filled += octets.length
    while (!this.isOver) {
      this.#header ??= yield* this.#nextHeader()
      if (!this.#header || this.#filled < this.#header.length) break
      const { encapsulation, length } = this.#header
      this.#header = undefined
      const message = this.#cut(length)
      if (encapsulation) yield ciscoPayload(encapsulation, message)
    }
    // What waits must not lie in the octets of the socket.
    if (this.#filled > 0) this.#parts[this.#parts.length - 1] = new Uint8Array(this.#parts.at(-1) as Uint8Array)
  }

  *#nextHeader(): Generator<Problem, CiscoHeader | undefined> {
    if (this.#filled < CISCO_HEADER_OCTETS) return undefined
    const octets = this.#cut(CISCO_HEADER_OCTETS)
    const header = readCiscoHeader(new DataView(octets.buffer, octets.byteOffset, octets.length), 0)
    if (!isProblem(header) && header.length <= this.#maxOctets) return header
    this.isOver = true
    yield isProblem(header)
      ? header
      : { code: 'cisco-mdt/too-long', message: `a message of ${header.length} octets`, hint: 'raise --max-message' }
    return undefined
  }

  #cut(length: number): Uint8Array {
    const all = this.#parts.length === 1 ? (this.#parts[0] as Uint8Array) : Buffer.concat(this.#parts)
    this.#parts = [all.subarray(length)]
    this.#filled -= length
    return all.subarray(0, length)
  }
}
