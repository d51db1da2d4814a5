// Capability 73, FQDN: host name and domain name, each with its length in one octet.
import type { CapabilityRow } from './capability.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

function text(view: DataView, at: number, octets: number): string {
  return decoder.decode(new Uint8Array(view.buffer, view.byteOffset + at, octets))
}

function counted(name: string): number[] {
  const octets = encoder.encode(name).subarray(0, 64)
  return [octets.length, ...octets]
}

export const fqdn: CapabilityRow = {
  code: 73,
  name: 'fqdn',
  reference: 'draft-walton-bgp-hostname-capability section 2',
  read: (view, start, end, into) => {
    if (start === end) return false
    const host = view.getUint8(start)
    const domainAt = start + 1 + host
    if (domainAt > end) return false
    into.hostName = text(view, start + 1, host)
    // Some speakers leave the domain out altogether.
    if (domainAt === end) return true
    const domain = view.getUint8(domainAt)
    if (domainAt + 1 + domain > end) return false
    if (domain > 0) into.domainName = text(view, domainAt + 1, domain)
    return true
  },
  write: from => (from.hostName === undefined ? [] : [[...counted(from.hostName), ...counted(from.domainName ?? '')]]),
}
