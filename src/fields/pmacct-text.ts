// pmacct's words for numbers: TCP flags and forwarding status.

/** pmacct's order; ECE and CWR are netally's (pmacct prints nothing at all when they are set). */
const TCP_FLAGS: readonly [number, string][] = [
  [32, 'URG'],
  [16, 'ACK'],
  [8, 'PSH'],
  [4, 'RST'],
  [2, 'SYN'],
  [1, 'FIN'],
  [64, 'ECE'],
  [128, 'CWR'],
]

export function tcpFlagNames(flags: number): string[] {
  return TCP_FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name)
}

/** RFC 7270 section 4.12, in pmacct's spelling. */
const FORWARDING_STATUS: { readonly [status: number]: string } = {
  64: 'FORWARDED Unknown',
  65: 'FORWARDED Fragmented',
  66: 'FORWARDED Not Fragmented',
  128: 'DROPPED Unknown',
  129: 'DROPPED ACL deny',
  130: 'DROPPED ACL drop',
  131: 'DROPPED Unroutable',
  132: 'DROPPED Adjacency',
  133: 'DROPPED Fragmentation and DF set',
  134: 'DROPPED Bad header checksum',
  135: 'DROPPED Bad total Length',
  136: 'DROPPED Bad header length',
  137: 'DROPPED bad TTL',
  138: 'DROPPED Policer',
  139: 'DROPPED WRED',
  140: 'DROPPED RPF',
  141: 'DROPPED For us',
  142: 'DROPPED Bad output interface',
  143: 'DROPPED Hardware',
  192: 'CONSUMED Unknown',
  193: 'CONSUMED Punt Adjacency',
  194: 'CONSUMED Incomplete Adjacency',
  195: 'CONSUMED For us',
}
const CLASSES = ['UNKNOWN', 'FORWARDED', 'DROPPED', 'CONSUMED']

export function forwardingStatusText(status: number): string {
  return FORWARDING_STATUS[status] ?? `${CLASSES[status >> 6] ?? 'UNKNOWN'} Unclassified`
}
