// Cisco model-driven telemetry, dial-out over TCP and UDP: twelve octets of header before each message.
//
// Version 1: type, encapsulation, header version, flags (16 bits each), length (32). Version 0 of IOS XR 6.0: type, flags,
// length (32 bits each).
import type { Problem } from '../../contract/problem.ts'
import type { Value } from '../../contract/record.ts'
import { decodeCiscoGpb } from './cisco-gpb.ts'
import { parseJson } from './json-documents.ts'

export const CISCO_HEADER_OCTETS = 12

type Encapsulation = 'gpb' | 'json'

/** By number, in a header of version 1; 3 is compact and 4 self-describing GPB, where a node tells them apart. */
const ENCAPSULATIONS: { readonly [number: number]: Encapsulation } = { 1: 'gpb', 2: 'json', 3: 'gpb', 4: 'gpb' }
const DATA = 1
const HEADER_VERSION = 1
/** By type, in a header of version 0: JSON, compact GPB, self-describing GPB. */
const TYPES_V0: { readonly [type: number]: Encapsulation } = { 2: 'json', 3: 'gpb', 4: 'gpb' }
const COMPRESSED_V0 = 1

export interface CiscoHeader {
  /** Undefined = a message without data, to be passed over. */
  readonly encapsulation: Encapsulation | undefined
  /** Octets that follow. */
  readonly length: number
}

/** The header at `start`, or a Problem `cisco-mdt/...`: then nothing says where the next message begins. */
export function readCiscoHeader(view: DataView, start: number): CiscoHeader | Problem {
  const first = view.getUint32(start)
  const length = view.getUint32(start + 8)
  if (first >>> 16 === 0) {
    if (view.getUint32(start + 4) & COMPRESSED_V0) {
      return { code: 'cisco-mdt/compressed', message: 'compressed messages of header version 0 are not read' }
    }
    if (first < 1 || first > 4) return unknown(`type ${first} of header version 0`)
    return { encapsulation: TYPES_V0[first], length }
  }
  const version = view.getUint16(start + 4)
  if (version !== HEADER_VERSION) return unknown(`header version ${version}`)
  const encapsulation = ENCAPSULATIONS[first & 0xffff]
  if (!encapsulation) return unknown(`encapsulation ${first & 0xffff}`)
  return { encapsulation: first >>> 16 === DATA ? encapsulation : undefined, length }
}

const unknown = (what: string): Problem => ({ code: 'cisco-mdt/header', message: `${what} is not known` })

/** Whether a datagram is one whole message with this header. */
export function looksLikeCisco(view: DataView, start: number, end: number): boolean {
  if (end - start <= CISCO_HEADER_OCTETS) return false
  const header = readCiscoHeader(view, start)
  return !('code' in header) && header.length === end - start - CISCO_HEADER_OCTETS
}

export function decodeCisco(encapsulation: Encapsulation, octets: Uint8Array): Value | Problem {
  return encapsulation === 'json' ? parseJson(octets) : decodeCiscoGpb(octets)
}
