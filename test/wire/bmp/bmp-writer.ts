// Writes BMP messages for tests, right ones and, because every part can be given as octets, wrong ones.

import type { Capabilities } from '../../../src/wire/bgp/capabilities.ts'
import { noCapabilities } from '../../../src/wire/bgp/capabilities.ts'
import { writeOpen } from '../../../src/wire/bgp/open.ts'
import { address, type Octets, tlv, u8, u16, u32 } from '../../support/bgp-writer.ts'

export interface PeerParts {
  readonly type?: number
  readonly flags?: number
  readonly distinguisher?: Octets
  readonly address?: string
  readonly as?: number
  readonly bgpId?: string
  readonly seconds?: number
  readonly microseconds?: number
}

export const PEER: PeerParts = {
  address: '192.0.2.9',
  as: 64500,
  bgpId: '198.51.100.9',
  seconds: 1_700_000_000,
  microseconds: 5,
}

export function peerHeader(parts: PeerParts = {}): number[] {
  const { type = 0, flags = 0, distinguisher = new Array<number>(8).fill(0), ...rest } = { ...PEER, ...parts }
  const ip = address(rest.address ?? '192.0.2.9')
  const padded = ip.length === 16 ? ip : [...new Array<number>(12).fill(0), ...ip]
  const flag = ip.length === 16 ? flags | 0x80 : flags
  const id = address(rest.bgpId ?? '198.51.100.9')
  const time = [...u32(rest.seconds ?? 0), ...u32(rest.microseconds ?? 0)]
  return [...u8(type), ...u8(flag), ...distinguisher, ...padded, ...u32(rest.as ?? 0), ...id, ...time]
}

/** A whole message. */
export function bmp(type: number, body: Octets, version = 3): Uint8Array {
  return Uint8Array.from([version, ...u32(6 + body.length), type, ...body])
}

export const open = (as = 64500, capabilities: Partial<Capabilities> = {}): number[] => [
  ...writeOpen({
    as,
    holdSeconds: 180,
    routerId: '198.51.100.9',
    capabilities: { ...noCapabilities(), as4: as, ...capabilities },
  }),
]

export const routeMonitoring = (update: Octets, peer: PeerParts = {}): Uint8Array =>
  bmp(0, [...peerHeader(peer), ...update])

export interface PeerUpParts {
  readonly local?: string
  readonly sent?: Octets
  readonly received?: Octets
  readonly tlvs?: Octets
}

export function peerUp(
  { local = '192.0.2.1', sent, received, tlvs = [] }: PeerUpParts = {},
  peer: PeerParts = {},
): Uint8Array {
  const ip = address(local)
  const padded = ip.length === 16 ? ip : [...new Array<number>(12).fill(0), ...ip]
  const opens = [...(sent ?? open(64496)), ...(received ?? open(64500))]
  return bmp(3, [...peerHeader(peer), ...padded, ...u16(179), ...u16(50000), ...opens, ...tlvs])
}

/** A TLV of route monitoring in version 4: the length does not count the index. */
export const indexed = (type: number, index: number, value: Octets): number[] => [
  ...u16(type),
  ...u16(value.length),
  ...u16(index),
  ...value,
]

export const text = (type: number, value: string): number[] => tlv(type, [...Buffer.from(value)])
