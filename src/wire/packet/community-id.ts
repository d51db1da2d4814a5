// Community ID version 1 (github.com/corelight/community-id-spec): one text for both directions of a flow.
import { createHash } from 'node:crypto'
import type { Headers } from './headers.ts'

const SEED = 0
const ICMP = 1
const ICMP6 = 58
const TCP = 6
const UDP = 17
const SCTP = 132

/** Requests and answers of ICMP, as if they were ports: type to the type of the other direction. */
const COUNTERPARTS: { readonly [protocol: number]: { readonly [type: number]: number } } = {
  [ICMP]: { 0: 8, 8: 0, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 9: 10, 10: 9 },
  [ICMP6]: {
    128: 129,
    129: 128,
    133: 134,
    134: 133,
    135: 136,
    136: 135,
    130: 131,
    131: 130,
    144: 145,
    145: 144,
    139: 140,
    140: 139,
  },
}

interface Ends {
  /** Undefined where the protocol has none. */
  readonly ports: readonly [number, number] | undefined
  readonly isOneWay: boolean
}

function endsOf(headers: Headers): Ends {
  const { protocol, sourcePort, destinationPort, icmpType, icmpCode } = headers
  const counterparts = COUNTERPARTS[protocol]
  if (counterparts && !Number.isNaN(icmpType)) {
    const counterpart = counterparts[icmpType]
    return { ports: [icmpType, counterpart ?? icmpCode], isOneWay: counterpart === undefined }
  }
  const hasPorts = protocol === TCP || protocol === UDP || protocol === SCTP
  const isThere = hasPorts && !Number.isNaN(sourcePort)
  return { ports: isThere ? [sourcePort, destinationPort] : undefined, isOneWay: false }
}

/** Negative when the source is the lower end. */
function order({ source, destination, family }: Headers, ports: Ends['ports']): number {
  for (let word = 0; word < (family === 6 ? 4 : 1); word++) {
    const difference = (source[word] as number) - (destination[word] as number)
    if (difference !== 0) return difference
  }
  return ports ? ports[0] - ports[1] : 0
}

function putAddress(into: DataView, at: number, words: Uint32Array, count: number): number {
  for (let word = 0; word < count; word++) into.setUint32(at + 4 * word, words[word] as number)
  return at + 4 * count
}

/** Undefined for what is not IP. */
export function communityId(headers: Headers): string | undefined {
  const { family, source, destination, protocol } = headers
  if (family === 0) return undefined
  const { ports, isOneWay } = endsOf(headers)
  const isSwapped = !isOneWay && order(headers, ports) > 0
  const words = family === 6 ? 4 : 1
  const octets = new Uint8Array(2 + 8 * words + 2 + (ports ? 4 : 0))
  const view = new DataView(octets.buffer)
  view.setUint16(0, SEED)
  let at = putAddress(view, 2, isSwapped ? destination : source, words)
  at = putAddress(view, at, isSwapped ? source : destination, words)
  view.setUint8(at, protocol)
  if (ports) {
    view.setUint16(at + 2, ports[isSwapped ? 1 : 0])
    view.setUint16(at + 4, ports[isSwapped ? 0 : 1])
  }
  return `1:${createHash('sha1').update(octets).digest('base64')}`
}
