// What people call the families: names as configurations of routers have them, or `AFI/SAFI` in numbers.
import * as family from './families.ts'

const { AFI_BGP_LS, AFI_IPV4, AFI_IPV6, AFI_L2VPN, familyOf } = family

export const FAMILY_NAMES: ReadonlyMap<string, number> = new Map([
  ['ipv4-unicast', familyOf(AFI_IPV4, family.SAFI_UNICAST)],
  ['ipv6-unicast', familyOf(AFI_IPV6, family.SAFI_UNICAST)],
  ['ipv4-multicast', familyOf(AFI_IPV4, family.SAFI_MULTICAST)],
  ['ipv6-multicast', familyOf(AFI_IPV6, family.SAFI_MULTICAST)],
  ['ipv4-labelled', familyOf(AFI_IPV4, family.SAFI_LABELLED)],
  ['ipv6-labelled', familyOf(AFI_IPV6, family.SAFI_LABELLED)],
  ['ipv4-vpn', familyOf(AFI_IPV4, family.SAFI_VPN)],
  ['ipv6-vpn', familyOf(AFI_IPV6, family.SAFI_VPN)],
  ['ipv4-vpn-multicast', familyOf(AFI_IPV4, family.SAFI_VPN_MULTICAST)],
  ['ipv6-vpn-multicast', familyOf(AFI_IPV6, family.SAFI_VPN_MULTICAST)],
  ['evpn', familyOf(AFI_L2VPN, family.SAFI_EVPN)],
  ['ipv4-flowspec', familyOf(AFI_IPV4, family.SAFI_FLOWSPEC)],
  ['ipv6-flowspec', familyOf(AFI_IPV6, family.SAFI_FLOWSPEC)],
  ['ipv4-vpn-flowspec', familyOf(AFI_IPV4, family.SAFI_FLOWSPEC_VPN)],
  ['ipv6-vpn-flowspec', familyOf(AFI_IPV6, family.SAFI_FLOWSPEC_VPN)],
  ['route-target', familyOf(AFI_IPV4, family.SAFI_RTC)],
  ['bgp-ls', familyOf(AFI_BGP_LS, family.SAFI_BGP_LS)],
  ['bgp-ls-vpn', familyOf(AFI_BGP_LS, family.SAFI_BGP_LS_VPN)],
])

const known = new Set(FAMILY_NAMES.values())

/** The family of `ipv4-unicast` or `1/1`; undefined when netally does not read it. */
export function parseFamily(text: string): number | undefined {
  const named = FAMILY_NAMES.get(text.toLowerCase())
  if (named !== undefined) return named
  const [, afi, safi] = /^(\d{1,5})\/(\d{1,3})$/.exec(text) ?? []
  const numbered = afi === undefined ? undefined : familyOf(Number(afi), Number(safi))
  return numbered !== undefined && known.has(numbered) ? numbered : undefined
}
