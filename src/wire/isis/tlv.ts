// TLVs of IS-IS: a type and a length of one octet each (ISO 10589 section 9.5); sub-TLVs look the same.

export interface Tlv {
  readonly type: number
  /** First octet of the value, and one past its last. */
  readonly start: number
  readonly end: number
}

export const TLV = {
  areas: 1,
  narrowNeighbors: 2,
  lanNeighbors: 6,
  padding: 8,
  lspEntries: 9,
  authentication: 10,
  purgeOriginator: 13,
  wideNeighbors: 22,
  neighborAttributes: 23,
  srv6Locators: 27,
  narrowInternal: 128,
  protocols: 129,
  narrowExternal: 130,
  ipv4Addresses: 132,
  routerId: 134,
  wideIpv4: 135,
  hostname: 137,
  sharedRisks: 138,
  ipv6RouterId: 140,
  mtNeighbors: 222,
  mtNeighborAttributes: 223,
  topologies: 229,
  ipv6Addresses: 232,
  ipv6GlobalAddresses: 233,
  mtIpv4: 235,
  ipv6: 236,
  mtIpv6: 237,
  threeWay: 240,
  capabilities: 242,
} as const

/** The TLVs in [start, end); undefined where they do not fill it. */
export function readTlvs(octets: Uint8Array, start: number, end: number): Tlv[] | undefined {
  const tlvs: Tlv[] = []
  let at = start
  while (at + 2 <= end) {
    const next = at + 2 + (octets[at + 1] as number)
    if (next > end) return undefined
    tlvs.push({ type: octets[at] as number, start: at + 2, end: next })
    at = next
  }
  return at === end ? tlvs : undefined
}

/** LSP entries of sequence number PDUs (TLV 9): 16 octets each. */
export const LSP_ENTRY_OCTETS = 16
