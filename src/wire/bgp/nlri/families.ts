// The reader of each family's NLRI.
import * as family from '../families.ts'
import type { ReadNlri } from '../route.ts'
import { bgpLs, bgpLsVpn } from './bgp-ls.ts'
import { evpn } from './evpn.ts'
import { ipv4Flowspec, ipv4FlowspecVpn, ipv6Flowspec, ipv6FlowspecVpn } from './flowspec.ts'
import { ipv4Labelled, ipv4Vpn, ipv6Labelled, ipv6Vpn } from './labelled.ts'
import { routeTarget } from './route-target.ts'
import { ipv4Unicast, ipv6Unicast } from './unicast.ts'

const { AFI_BGP_LS, AFI_IPV4, AFI_IPV6, AFI_L2VPN, familyOf } = family

export const NLRI_READERS: ReadonlyMap<number, ReadNlri> = new Map([
  [familyOf(AFI_IPV4, family.SAFI_UNICAST), ipv4Unicast],
  [familyOf(AFI_IPV6, family.SAFI_UNICAST), ipv6Unicast],
  [familyOf(AFI_IPV4, family.SAFI_MULTICAST), ipv4Unicast],
  [familyOf(AFI_IPV6, family.SAFI_MULTICAST), ipv6Unicast],
  [familyOf(AFI_IPV4, family.SAFI_LABELLED), ipv4Labelled],
  [familyOf(AFI_IPV6, family.SAFI_LABELLED), ipv6Labelled],
  [familyOf(AFI_IPV4, family.SAFI_VPN), ipv4Vpn],
  [familyOf(AFI_IPV6, family.SAFI_VPN), ipv6Vpn],
  [familyOf(AFI_IPV4, family.SAFI_VPN_MULTICAST), ipv4Vpn],
  [familyOf(AFI_IPV6, family.SAFI_VPN_MULTICAST), ipv6Vpn],
  [familyOf(AFI_L2VPN, family.SAFI_EVPN), evpn],
  [familyOf(AFI_IPV4, family.SAFI_FLOWSPEC), ipv4Flowspec],
  [familyOf(AFI_IPV6, family.SAFI_FLOWSPEC), ipv6Flowspec],
  [familyOf(AFI_IPV4, family.SAFI_FLOWSPEC_VPN), ipv4FlowspecVpn],
  [familyOf(AFI_IPV6, family.SAFI_FLOWSPEC_VPN), ipv6FlowspecVpn],
  [familyOf(AFI_IPV4, family.SAFI_RTC), routeTarget],
  [familyOf(AFI_BGP_LS, family.SAFI_BGP_LS), bgpLs],
  [familyOf(AFI_BGP_LS, family.SAFI_BGP_LS_VPN), bgpLsVpn],
])
