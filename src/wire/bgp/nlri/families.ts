// The reader of each family's NLRI.
import * as family from '../families.ts'
import type { ReadNlri } from '../route.ts'
import { ipv4Unicast, ipv6Unicast } from './unicast.ts'

const { AFI_IPV4, AFI_IPV6, familyOf } = family

export const NLRI_READERS: ReadonlyMap<number, ReadNlri> = new Map([
  [familyOf(AFI_IPV4, family.SAFI_UNICAST), ipv4Unicast],
  [familyOf(AFI_IPV6, family.SAFI_UNICAST), ipv6Unicast],
  [familyOf(AFI_IPV4, family.SAFI_MULTICAST), ipv4Unicast],
  [familyOf(AFI_IPV6, family.SAFI_MULTICAST), ipv6Unicast],
])
