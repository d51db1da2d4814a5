// What pcap-filter's protocol words mean for a record.
import { type Expression, isNumber, isPresent, not, or, test } from './expression.ts'
import { ETHERTYPES } from './names.ts'

const inFamily = (field: string, everything: string): Expression => {
  return test(field, { is: 'addresses', prefixes: [everything], exact: false, negated: false })
}

/** The EtherType says so, or an address does: few exporters send EtherTypes. */
function isFamily(etype: number, everything: string): Expression {
  return or(inFamily('ip_src', everything), inFamily('ip_dst', everything), isNumber('etype', etype))
}

export function isIpv4(): Expression {
  return isFamily(0x0800, '0.0.0.0/0')
}

export function isIpv6(): Expression {
  return isFamily(0x86dd, '::/0')
}

export function isEtherType(etype: number): Expression {
  if (etype === ETHERTYPES.get('ip')) return isIpv4()
  return etype === ETHERTYPES.get('ip6') ? isIpv6() : isNumber('etype', etype)
}

export function isProtocol(number: number): Expression {
  return isNumber('ip_proto', number)
}

/** Protocols whose packets have ports, as libpcap sees it: TCP, UDP, SCTP. */
const WITH_PORTS = [6, 17, 132]

/** Not a protocol without ports (ICMP's type and code travel in port_dst); sums may lack the protocol. */
export function mayHavePorts(): Expression {
  return or(isNumber('ip_proto', ...WITH_PORTS), not(isPresent('ip_proto')))
}
