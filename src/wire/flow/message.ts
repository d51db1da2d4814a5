// Message headers: NetFlow v5, NetFlow v9 (RFC 3954 section 5.1), IPFIX (RFC 7011 section 3.1).
import type { Problem } from '../../contract/problem.ts'

export const NETFLOW5 = 5
export const NETFLOW9 = 9
export const IPFIX = 10

/** What the records of a message have in common. */
export interface MessageHeader {
  version: number
  /** Source id (v9), observation domain (IPFIX), engine id (v5, as pmacct has it). */
  sysid: number
  /** As sysid, but in v5 engine type * 256 + engine id: each engine has a sequence of its own. */
  domain: number
  sequence: number
  /** Unix microseconds. */
  exportUs: number
  /** Milliseconds since the exporter started; NaN in IPFIX, which does not say. */
  uptimeMs: number
  /** Sampling interval of a v5 header, 0 = none. */
  samplingRate: number
  /** When the message was received, Unix microseconds. */
  arrivalUs: number
  /** The number of the datagram that its records are decoded with; 0 where nobody counts them. */
  datagram: number
}

export const HEADER_OCTETS: { readonly [version: number]: number } = { [NETFLOW5]: 24, [NETFLOW9]: 20, [IPFIX]: 16 }

export const NETFLOW5_RECORD_OCTETS = 48

export function emptyHeader(): MessageHeader {
  return {
    version: 0,
    sysid: 0,
    domain: 0,
    sequence: 0,
    exportUs: 0,
    uptimeMs: 0,
    samplingRate: 0,
    arrivalUs: 0,
    datagram: 0,
  }
}

/** Reads the header at `start` into `header`. A Problem when there is none, else where the message's content ends. */
export function readHeader(
  view: DataView,
  start: number,
  end: number,
  header: MessageHeader,
  uptimeSeconds = false,
): number | Problem {
  const octets = end - start
  if (octets < 2) return { code: 'flow/truncated', message: `a datagram of ${octets} octets is no flow message` }
  const version = view.getUint16(start)
  const needed = HEADER_OCTETS[version]
  if (needed === undefined) return unknownVersion(version)
  if (octets < needed) {
    return {
      code: 'flow/truncated',
      message: `a version ${version} message of ${octets} octets, its header has ${needed}`,
    }
  }
  header.version = version
  if (version !== IPFIX) header.uptimeMs = view.getUint32(start + 4) * (uptimeSeconds ? 1000 : 1)
  if (version === NETFLOW9) {
    header.exportUs = view.getUint32(start + 8) * 1e6
    header.sequence = view.getUint32(start + 12)
    header.sysid = view.getUint32(start + 16)
    header.domain = header.sysid
    header.samplingRate = 0
    return end
  }
  return version === IPFIX ? readIpfix(view, start, end, header) : readNetflow5(view, start, end, header)
}

function readIpfix(view: DataView, start: number, end: number, header: MessageHeader): number {
  header.exportUs = view.getUint32(start + 4) * 1e6
  header.sequence = view.getUint32(start + 8)
  header.sysid = view.getUint32(start + 12)
  header.domain = header.sysid
  header.uptimeMs = Number.NaN
  header.samplingRate = 0
  return Math.min(end, start + view.getUint16(start + 2))
}

function readNetflow5(view: DataView, start: number, end: number, header: MessageHeader): number {
  header.exportUs = view.getUint32(start + 8) * 1e6 + Math.floor(view.getUint32(start + 12) / 1000)
  header.sequence = view.getUint32(start + 16)
  header.sysid = view.getUint8(start + 21)
  header.domain = view.getUint16(start + 20)
  // The upper two bits are the sampling mode; exporters leave them 0 though they sample, so only the interval counts.
  header.samplingRate = view.getUint16(start + 22) & 0x3fff
  return end
}

function unknownVersion(version: number): Problem {
  return {
    code: 'flow/version',
    message: `a message of version ${version}, which is not NetFlow v5, v9, IPFIX or sFlow`,
    hint:
      version < 16
        ? 'NetFlow v1, v7 and v8 are not read; let the exporter send v9 or IPFIX'
        : 'is another protocol sent to this port?',
  }
}
