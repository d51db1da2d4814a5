// An interface as IS-IS needs it: number, MAC address, MTU, addresses.
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { ProblemError } from '../../contract/problem.ts'
import { parseIpv6 } from '../../octets/address.ts'
import { TLV } from '../../wire/isis/tlv.ts'
import type { WriteTlv } from '../../wire/isis/write.ts'

export interface NetworkInterface {
  readonly name: string
  readonly index: number
  /** Twelve hex digits. */
  readonly mac: string
  readonly mtu: number
}

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/

/** Throws a ProblemError where there is none of the name, or it has no MAC address. */
export function readInterface(name: string): NetworkInterface {
  const read = (what: string) => readFileSync(`/sys/class/net/${name}/${what}`, 'utf8').trim()
  try {
    if (!/^[^/\s]+$/.test(name)) throw new Error('no name')
    const mac = read('address')
    if (MAC.test(mac)) {
      return { name, index: Number(read('ifindex')), mac: mac.replaceAll(':', ''), mtu: Number(read('mtu')) }
    }
  } catch {
    throw new ProblemError({
      code: 'isis/no-interface',
      message: `there is no interface "${name}"`,
      hint: '`ip link` lists them',
    })
  }
  throw new ProblemError({ code: 'isis/no-ethernet', message: `interface "${name}" has no MAC address` })
}

/** TLVs 132 and 232: its IPv4 addresses, and its link-local ones of IPv6 (RFC 5308 section 3). */
export function addressTlvs(name: string): WriteTlv[] {
  const addresses = networkInterfaces()[name] ?? []
  const ipv4 = addresses.filter(({ family }) => family === 'IPv4').map(({ address }) => address.split('.').map(Number))
  const ipv6 = addresses
    .filter(({ family, address }) => family === 'IPv6' && /^fe[89ab]/i.test(address))
    .map(({ address }) => ipv6Octets(address))
  const tlv = (type: number, octets: readonly number[]): WriteTlv[] =>
    octets.length > 0 && octets.length <= 255 ? [{ type, octets: Uint8Array.from(octets) }] : []
  return [...tlv(TLV.ipv4Addresses, ipv4.flat()), ...tlv(TLV.ipv6Addresses, ipv6.flat())]
}

function ipv6Octets(address: string): number[] {
  const words = new Uint32Array(4)
  if (!parseIpv6(address.split('%')[0] as string, words, 0)) return []
  return [...words].flatMap(word => [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff])
}
