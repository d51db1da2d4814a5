// pmacct's words for the numbers of BGP-LS (RFC 9552 section 7.1).

/** Type 6 (RFC 9514) pmacct does not have. */
export const NLRI_TYPES: { readonly [type: number]: string } = {
  1: 'Node',
  2: 'Link',
  3: 'IPv4 Topology Prefix',
  4: 'IPv6 Topology Prefix',
  6: 'SRv6 SID',
}
export const PROTOCOLS: { readonly [id: number]: string } = {
  1: 'IS-IS Level 1',
  2: 'IS-IS Level 2',
  3: 'OSPFv2',
  4: 'Direct',
  5: 'Static',
  6: 'OSPFv3',
  7: 'BGP',
  8: 'RSVP-TE',
  9: 'Segment Routing',
}
