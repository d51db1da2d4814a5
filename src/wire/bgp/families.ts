// Address families: AFI and SAFI, and the one number that stands for both.

export const AFI_IPV4 = 1
export const AFI_IPV6 = 2
export const AFI_L2VPN = 25
export const AFI_BGP_LS = 16388

export const SAFI_UNICAST = 1
export const SAFI_MULTICAST = 2
export const SAFI_LABELLED = 4
export const SAFI_EVPN = 70
export const SAFI_BGP_LS = 71
export const SAFI_BGP_LS_VPN = 72
export const SAFI_VPN = 128
export const SAFI_VPN_MULTICAST = 129
export const SAFI_RTC = 132
export const SAFI_FLOWSPEC = 133
export const SAFI_FLOWSPEC_VPN = 134

/** `afi << 8 | safi`: how families are named in sets and maps. */
export function familyOf(afi: number, safi: number): number {
  return (afi << 8) | safi
}

export const afiOf = (family: number): number => family >>> 8
export const safiOf = (family: number): number => family & 255

export const IPV4_UNICAST = familyOf(AFI_IPV4, SAFI_UNICAST)
export const IPV6_UNICAST = familyOf(AFI_IPV6, SAFI_UNICAST)
