// What applications say in the clear: looked for only where one of these fields is asked for by name.
import type { NetRecord } from '../../../contract/record.ts'
import type { Frame } from '../frame.ts'
import { inspectTls } from './client-hello.ts'
import { inspectDns } from './dns.ts'
import { inspectHttp } from './http.ts'
import { PayloadReader } from './octet-reader.ts'
import { inspectQuic } from './quic.ts'

export const INSPECTED: ReadonlySet<string> = new Set([
  'tls_sni',
  'tls_alpn',
  'tls_ja4',
  'dns_query',
  'dns_type',
  'dns_rcode',
  'dns_answers',
  'http_method',
  'http_host',
])

const TCP = 6
const UDP = 17
const DNS_PORTS: ReadonlySet<number> = new Set([53, 5353, 5355])
const HANDSHAKE = 22
const UPPER_A = 65
const UPPER_Z = 90
const LONG_HEADER = 0xc0

/** Of the innermost packet's payload. */
export function inspect({ packet, view }: Frame): NetRecord | undefined {
  const { here, at, end } = packet
  if (at >= end || Number.isNaN(here.sourcePort) || here.fragmentOffset > 0) return undefined
  const first = view.getUint8(at)
  const reader = new PayloadReader(view, at, end)
  if (here.protocol === UDP) {
    if (DNS_PORTS.has(here.sourcePort) || DNS_PORTS.has(here.destinationPort)) return inspectDns(reader)
    return (first & LONG_HEADER) === LONG_HEADER ? inspectQuic(reader) : undefined
  }
  if (here.protocol !== TCP) return undefined
  if (first === HANDSHAKE) return inspectTls(reader)
  return first >= UPPER_A && first <= UPPER_Z ? inspectHttp(reader) : undefined
}
