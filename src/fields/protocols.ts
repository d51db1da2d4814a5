// IP protocol numbers and their names (IANA protocol-numbers; the names as /etc/protocols and pmacct spell them).

const NAMES: readonly [number, string][] = [
  [0, 'ip'],
  [1, 'icmp'],
  [2, 'igmp'],
  [3, 'ggp'],
  [4, 'ipencap'],
  [5, 'st'],
  [6, 'tcp'],
  [8, 'egp'],
  [9, 'igp'],
  [12, 'pup'],
  [17, 'udp'],
  [20, 'hmp'],
  [22, 'xns-idp'],
  [27, 'rdp'],
  [29, 'iso-tp4'],
  [33, 'dccp'],
  [36, 'xtp'],
  [37, 'ddp'],
  [38, 'idpr-cmtp'],
  [41, 'ipv6'],
  [43, 'ipv6-route'],
  [44, 'ipv6-frag'],
  [45, 'idrp'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [57, 'skip'],
  [58, 'ipv6-icmp'],
  [59, 'ipv6-nonxt'],
  [60, 'ipv6-opts'],
  [73, 'rspf'],
  [81, 'vmtp'],
  [88, 'eigrp'],
  [89, 'ospf'],
  [93, 'ax.25'],
  [94, 'ipip'],
  [97, 'etherip'],
  [98, 'encap'],
  [103, 'pim'],
  [108, 'ipcomp'],
  [112, 'vrrp'],
  [115, 'l2tp'],
  [124, 'isis'],
  [132, 'sctp'],
  [133, 'fc'],
  [135, 'mobility-header'],
  [136, 'udplite'],
  [137, 'mpls-in-ip'],
  [138, 'manet'],
  [139, 'hip'],
  [140, 'shim6'],
  [141, 'wesp'],
  [142, 'rohc'],
]

/** Text by protocol number; a number without a name is its decimal text. */
export const PROTOCOL_NAMES: readonly string[] = Array.from({ length: 256 }, (_, number) => String(number)).map((text, number) => NAMES.find(([known]) => known === number)?.[1] ?? text)

const NUMBERS = new Map(PROTOCOL_NAMES.map((name, number) => [name, number]))

/** The protocol number of a name or of decimal text, or NaN. */
export function protocolNumber(text: string): number {
  const number = NUMBERS.get(text)
  if (number !== undefined) return number
  return /^\d{1,3}$/.test(text) && Number(text) < 256 ? Number(text) : Number.NaN
}
