// pmacct's sum_*: keys that are one for both ends of a record.

/** By primitive, the source's field and the destination's; the first pair's source is the key that the sums stand under. */
export const BOTH_ENDS: { readonly [primitive: string]: readonly (readonly [source: string, destination: string])[] } =
  {
    sum_mac: [['mac_src', 'mac_dst']],
    sum_host: [['ip_src', 'ip_dst']],
    sum_net: [
      ['net_src', 'net_dst'],
      ['mask_src', 'mask_dst'],
    ],
    sum_as: [['as_src', 'as_dst']],
    sum_port: [['port_src', 'port_dst']],
  }

/** The primitive whose sums stand under a key. */
export function bothEndsUnder(name: string): string | undefined {
  return Object.keys(BOTH_ENDS).find(primitive => BOTH_ENDS[primitive]?.[0]?.[0] === name)
}
