// The checksum of IP, UDP and OSPF (RFC 1071).

/** The one's complement sum of 16-bit words; a last single octet is the upper half of one. `sum` is what was added before. */
export function wordSum(octets: Uint8Array, sum = 0): number {
  for (let at = 0; at < octets.length; at += 2) sum += (octets[at]! << 8) | (octets[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return sum
}

/** The one's complement of the sum: what makes the sum of all 0xffff; of what has it already, 0. */
export const internetChecksum = (octets: Uint8Array, sum = 0): number => ~wordSum(octets, sum) & 0xffff
