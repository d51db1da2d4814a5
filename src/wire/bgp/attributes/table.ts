// Every path attribute that is understood; a new one is one file and one line here.
import { origin } from './01-origin.ts'
import { asPath } from './02-as-path.ts'
import { nextHop } from './03-next-hop.ts'
import { med } from './04-med.ts'
import { localPref } from './05-local-pref.ts'
import { atomicAggregate } from './06-atomic-aggregate.ts'
import { aggregator } from './07-aggregator.ts'
import { communities } from './08-communities.ts'
import { originatorId } from './09-originator-id.ts'
import { clusterList } from './10-cluster-list.ts'
import { extendedCommunities } from './16-extended-communities.ts'
import { as4Path } from './17-as4-path.ts'
import { as4Aggregator } from './18-as4-aggregator.ts'
import { pmsiTunnel } from './22-pmsi-tunnel.ts'
import { tunnelEncapsulation } from './23-tunnel-encapsulation.ts'
import { ipv6ExtendedCommunities } from './25-ipv6-extended-communities.ts'
import { aigp } from './26-aigp.ts'
import { bgpLs } from './29-bgp-ls.ts'
import { largeCommunities } from './32-large-communities.ts'
import { onlyToCustomer } from './35-only-to-customer.ts'
import { prefixSid } from './40-prefix-sid.ts'
import type { AttributeRow } from './attribute.ts'

export const ATTRIBUTES: readonly AttributeRow[] = [
  origin,
  asPath,
  nextHop,
  med,
  localPref,
  atomicAggregate,
  aggregator,
  communities,
  originatorId,
  clusterList,
  extendedCommunities,
  as4Path,
  as4Aggregator,
  pmsiTunnel,
  tunnelEncapsulation,
  ipv6ExtendedCommunities,
  aigp,
  bgpLs,
  largeCommunities,
  onlyToCustomer,
  prefixSid,
]

/** By code. */
export const ATTRIBUTE_ROWS: readonly (AttributeRow | undefined)[] = ((): (AttributeRow | undefined)[] => {
  const rows = new Array<AttributeRow | undefined>(256).fill(undefined)
  for (const row of ATTRIBUTES) rows[row.code] = row
  return rows
})()
