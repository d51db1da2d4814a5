// Link-state advertisements: the header (RFC 2328 section A.4.1, RFC 5340 section A.4.2), scopes and ages.

import { ipv4Address } from '../bgp/nlri/prefix-text.ts'
import type { ChecksumPlace } from '../igp/checksum.ts'
import { isFletcherRight } from '../igp/checksum.ts'

export type Version = 2 | 3

export const LSA_HEADER_OCTETS = 20
/** Seconds: an LSA of this age is flushed (RFC 2328 appendix B). */
export const MAX_AGE = 3600
/** The age is not counted further (RFC 1793 section 2.2). */
const DO_NOT_AGE = 0x8000
/** The checksum covers all but the age (RFC 2328 section 12.1.7). */
export const LSA_CHECKSUM: ChecksumPlace = { coveredFrom: 2, checksumAt: 16 }

/** Types of OSPFv2. */
export const LSA2 = {
  router: 1,
  network: 2,
  summary: 3,
  asbrSummary: 4,
  external: 5,
  nssa: 7,
  opaqueLink: 9,
  opaqueArea: 10,
  opaqueAs: 11,
} as const

/** Types of OSPFv3, with the bits of their scope (RFC 5340 section A.4.2.1). */
export const LSA3 = {
  router: 0x2001,
  network: 0x2002,
  interAreaPrefix: 0x2003,
  interAreaRouter: 0x2004,
  external: 0x4005,
  nssa: 0x2007,
  link: 0x0008,
  intraAreaPrefix: 0x2009,
  information: 0x800c,
  informationArea: 0xa00c,
  informationAs: 0xc00c,
} as const

export const LSA_NAMES: { readonly [version in Version]: { readonly [type: number]: string } } = {
  2: {
    [LSA2.router]: 'router',
    [LSA2.network]: 'network',
    [LSA2.summary]: 'summary-network',
    [LSA2.asbrSummary]: 'summary-asbr',
    [LSA2.external]: 'as-external',
    [LSA2.nssa]: 'nssa',
    [LSA2.opaqueLink]: 'opaque-link',
    [LSA2.opaqueArea]: 'opaque-area',
    [LSA2.opaqueAs]: 'opaque-as',
  },
  3: {
    [LSA3.router]: 'router',
    [LSA3.network]: 'network',
    [LSA3.interAreaPrefix]: 'inter-area-prefix',
    [LSA3.interAreaRouter]: 'inter-area-router',
    [LSA3.external]: 'as-external',
    [LSA3.nssa]: 'nssa',
    [LSA3.link]: 'link',
    [LSA3.intraAreaPrefix]: 'intra-area-prefix',
    [LSA3.information]: 'router-information-link',
    [LSA3.informationArea]: 'router-information-area',
    [LSA3.informationAs]: 'router-information-as',
  },
}

export type Scope = 'link' | 'area' | 'as' | 'reserved'

export interface LsaHeader {
  readonly version: Version
  readonly ageSeconds: number
  readonly isAgeless: boolean
  /** Of OSPFv2; OSPFv3 has options in the body. */
  readonly options: number
  /** 8 bits of OSPFv2, 16 of OSPFv3. */
  readonly type: number
  /** Link state id: `192.0.2.1`. */
  readonly id: string
  readonly advertisingRouter: string
  /** Signed: the first one is -2^31 + 1 (RFC 2328 section 12.1.6). */
  readonly sequence: number
  readonly checksum: number
  readonly length: number
}

export interface Lsa extends LsaHeader {
  /** The LSA alone; its own copy. */
  readonly octets: Uint8Array
  readonly view: DataView
}

const SCOPES_3: readonly Scope[] = ['link', 'area', 'as', 'reserved']
const SCOPES_2: { readonly [type: number]: Scope } = {
  [LSA2.external]: 'as',
  [LSA2.opaqueLink]: 'link',
  [LSA2.opaqueAs]: 'as',
}

/** How far an LSA is flooded. */
export const scopeOf = ({ version, type }: Pick<LsaHeader, 'version' | 'type'>): Scope =>
  version === 2 ? (SCOPES_2[type] ?? 'area') : (SCOPES_3[(type >> 13) & 3] as Scope)

export const lsaName = ({ version, type }: Pick<LsaHeader, 'version' | 'type'>): string =>
  LSA_NAMES[version][type] ?? (version === 2 ? String(type) : `0x${type.toString(16).padStart(4, '0')}`)

/** The header at `at`, of which all octets are there. */
export function readLsaHeader(version: Version, octets: Uint8Array, view: DataView, at: number): LsaHeader {
  const age = view.getUint16(at)
  return {
    version,
    ageSeconds: Math.min(MAX_AGE, age & ~DO_NOT_AGE),
    isAgeless: (age & DO_NOT_AGE) !== 0,
    options: version === 2 ? (octets[at + 2] as number) : 0,
    type: version === 2 ? (octets[at + 3] as number) : view.getUint16(at + 2),
    id: ipv4Address(octets, at + 4),
    advertisingRouter: ipv4Address(octets, at + 8),
    sequence: view.getInt32(at + 12),
    checksum: view.getUint16(at + 16),
    length: view.getUint16(at + 18),
  }
}

/** The LSA at `at`, whose header was read; its octets are there. */
export function readLsa(header: LsaHeader, from: Uint8Array, at: number): Lsa {
  const octets = new Uint8Array(from.subarray(at, at + header.length))
  return { ...header, octets, view: new DataView(octets.buffer) }
}

export const isLsaChecksumRight = ({ octets }: Lsa): boolean => isFletcherRight(octets, LSA_CHECKSUM)
