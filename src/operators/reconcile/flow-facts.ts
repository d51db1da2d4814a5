// What flow records of a window say of themselves, beside their sums: what causes are told by.

export interface FlowFacts {
  records: number
  /** Octets by address family; `other` where no address and no EtherType is told. */
  ipv4: number
  ipv6: number
  other: number
  /** Octets seen at the ingress, at the egress; the rest does not say. */
  ingress: number
  egress: number
  /** What divides the packets of every record: what they were multiplied by. 0 = no record yet. Least and most packets. */
  divisor: number
  least: number
  most: number
  /** Records say where the rate came from, and that it is applied. */
  renormalized: number
}

const ADDED = ['records', 'ipv4', 'ipv6', 'other', 'ingress', 'egress', 'renormalized'] as const

export const noFacts = (): FlowFacts => ({
  records: 0,
  ipv4: 0,
  ipv6: 0,
  other: 0,
  ingress: 0,
  egress: 0,
  divisor: 0,
  least: Number.POSITIVE_INFINITY,
  most: 0,
  renormalized: 0,
})

export function addFacts(into: FlowFacts, more: FlowFacts): void {
  for (const name of ADDED) into[name] += more[name]
  into.least = Math.min(into.least, more.least)
  into.most = Math.max(into.most, more.most)
  into.divisor = commonDivisor(into.divisor, more.divisor)
}

/** Octets of a record in one window: it is spread, but counts as a record in one window only. */
export function addShare(into: FlowFacts, record: FlowFacts, share: number, isFirst: boolean): void {
  into.ipv4 += record.ipv4 * share
  into.ipv6 += record.ipv6 * share
  into.other += record.other * share
  into.ingress += record.ingress * share
  into.egress += record.egress * share
  if (isFirst) {
    into.records += record.records
    into.renormalized += record.renormalized
  }
  into.least = Math.min(into.least, record.least)
  into.most = Math.max(into.most, record.most)
  into.divisor = commonDivisor(into.divisor, record.divisor)
}

/** Greatest common divisor; of 0 and a number the number. */
export function commonDivisor(a: number, b: number): number {
  if (a === 1 || b === 1) return 1
  let [large, small] = [a, b]
  while (small > 0) [large, small] = [small, large % small]
  return large
}
