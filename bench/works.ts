import type { Expectation, Reader } from './check.ts'
import { flowFilter } from './flows.ts'

/** One way to do a piece of work. The line runs under bash with $IN, $OUT, $NETALLY, $NODE, $BENCH and $NFCAPD set. */
export interface Tool {
  readonly name: string
  /** The program that must be installed. */
  readonly needs?: string
  readonly line: string
  readonly reader: Reader
  /** Other than the work's, where a tool cannot read that. */
  readonly input?: string
  /** Writes its result only to a regular file, so that /dev/null will not do. */
  readonly needsFile?: true
  /** How far a result may be off where the tool itself is known to be; a fraction. */
  readonly tolerance?: number
  /** CPU of the tool on 22 records, which is its start-up, is given to it for free. */
  readonly startUpFree?: true
}
export interface Work {
  readonly name: string
  readonly input: string
  readonly expectation: Expectation
  /** CPU-seconds per million records, DESIGN.md section 6. */
  readonly target: number
  /** What DESIGN.md's best peer took on its machine; says how fast this machine is now. */
  readonly anchor?: { readonly tool: string; readonly cpuSeconds: number }
  /** Long outputs go to /dev/null when measured and to a file only once, to be checked. */
  readonly longOutput: boolean
  readonly tools: readonly Tool[]
}

const RECEIVE = 'flow-recv --pcap $IN --udp-port 2055'
/** The fields that nfacctd is asked for in peers/nfacctd-flat.conf. */
const SIXTEEN_FIELDS =
  '--fields ip_src,ip_dst,port_src,port_dst,ip_proto,tos,tcp_flags,timestamp_start,timestamp_end,' +
  'iface_in,iface_out,as_src,as_dst,mask_src,mask_dst,peer_ip_src,packets,bytes'
const BY_AS_PAIR = 'aggregate --by as_src,as_dst'
const BY_TUPLE = 'aggregate --by ip_src,ip_dst,port_src,port_dst,ip_proto'

const nfacctd = (conf: string, reader: Reader): Tool => ({
  name: 'nfacctd',
  needs: 'nfacctd',
  line: `sed "s|@OUT@|$OUT|" $BENCH/peers/${conf}.conf > $OUT.conf; nfacctd -f $OUT.conf -I $IN > $OUT.log 2>&1`,
  reader,
  needsFile: true,
  startUpFree: true,
})
/**
 * nfacctd has no streaming form: it aggregates by all fields, with times in whole seconds, so that a few rows merge; and
 * it counts its last buffer twice when told to wait for its plugin.
 */
const nfacctdFlat: Tool = {
  ...nfacctd('nfacctd-flat', 'portJson'),
  name: 'nfacctd (result within 1 %)',
  line:
    'sed "s|@OUT@|$OUT|" $BENCH/peers/nfacctd-flat.conf > $OUT.conf; ' +
    '$BENCH/peers/nfacctd-until-idle.sh $OUT.conf $IN > $OUT.log 2>&1',
  tolerance: 0.01,
}
/** sfacctd and pmacctd, which end as nfacctd does. */
const packetPeer = (name: string): Tool => ({
  name,
  needs: name,
  line:
    'sed "s|@OUT@|$OUT|" $BENCH/peers/packets-tuple.conf > $OUT.conf; ' +
    `$BENCH/peers/nfacctd-until-idle.sh $OUT.conf $IN ${name} > $OUT.log 2>&1`,
  reader: 'portJson',
  needsFile: true,
  startUpFree: true,
})
const NFDUMP = 'nfdump (own file, decoded before)'
const nfdump = (options: string, reader: Reader): Tool => ({
  name: NFDUMP,
  needs: 'nfdump',
  line: `nfdump -q -r $NFCAPD ${options} > $OUT`,
  reader,
})
const netally = (name: string, line: string, reader: Reader): Tool => ({
  name: `netally ${name}`,
  line: `${line} > $OUT`,
  reader,
})

const SUMMING_PEERS: readonly Tool[] = [
  { name: 'naive Node', line: '$NODE $BENCH/naive.ts sum $IN > $OUT', reader: 'asJson' },
  {
    name: 'gawk, fixed columns',
    needs: 'gawk',
    line:
      `gawk -F'[:,]' '{ k = $32 "," $34; b[k] += $22; p[k] += $20 } ` +
      `END { for (k in b) printf "%s %d %d\\n", k, b[k], p[k] }' $IN > $OUT`,
    reader: 'asColumns',
  },
  {
    name: 'jq',
    needs: 'jq',
    line:
      `jq -r -n 'reduce inputs as $r ({}; ("\\($r.as_src),\\($r.as_dst)") as $k | .[$k] = (.[$k] + $r.bytes)) ` +
      `| to_entries[] | "\\(.key) \\(.value)"' $IN > $OUT`,
    reader: 'asColumns',
  },
  {
    name: 'mlr',
    needs: 'mlr',
    line: 'TZ=UTC mlr --ijsonl --ojsonl stats1 -a sum -f bytes,packets -g as_src,as_dst $IN > $OUT',
    reader: 'asJson',
  },
]

export const WORKS: readonly Work[] = [
  {
    name: 'NetFlow v9 capture -> one JSON line a flow',
    input: 'nf9.pcap',
    expectation: 'records',
    target: 0.5,
    anchor: { tool: NFDUMP, cpuSeconds: 1.52 },
    longOutput: true,
    tools: [
      netally('flow-recv, all fields', `$NETALLY ${RECEIVE}`, 'portJson'),
      netally('flow-recv, fields as nfacctd', `$NETALLY ${RECEIVE} ${SIXTEEN_FIELDS}`, 'portJson'),
      nfacctdFlat,
      nfdump('-o json', 'nfdumpJson'),
    ],
  },
  {
    name: 'capture -> sums by AS pair, one process',
    input: 'nf9.pcap',
    expectation: 'asPairs',
    target: 0.25,
    anchor: { tool: 'nfacctd', cpuSeconds: 0.46 },
    longOutput: false,
    tools: [
      netally('run', `$NETALLY run "${RECEIVE} | ${BY_AS_PAIR}"`, 'asJson'),
      nfacctd('nfacctd-as', 'asJson'),
      nfdump('-A srcas,dstas -o csv', 'asNfdumpCsv'),
    ],
  },
  {
    name: 'capture -> sums by AS pair, two processes',
    input: 'nf9.pcap',
    expectation: 'asPairs',
    target: 1,
    anchor: { tool: 'naive Node | naive Node, from NDJSON', cpuSeconds: 5.2 },
    longOutput: false,
    tools: [
      netally('flow-recv | aggregate', `$NETALLY ${RECEIVE} | $NETALLY ${BY_AS_PAIR}`, 'asJson'),
      {
        name: 'naive Node | naive Node, from NDJSON',
        line: '$NODE $BENCH/naive.ts copy $IN | $NODE $BENCH/naive.ts sum - > $OUT',
        reader: 'asJson',
        input: 'flows.ndjson',
      },
    ],
  },
  {
    name: 'capture -> 5-tuple sums as JSON',
    input: 'nf9.pcap',
    expectation: 'tuples',
    target: 1.2,
    anchor: { tool: 'nfacctd', cpuSeconds: 2.24 },
    longOutput: false,
    tools: [
      netally('run', `$NETALLY run "${RECEIVE} | ${BY_TUPLE}"`, 'portJson'),
      nfacctd('nfacctd-tuple', 'portJson'),
      // Its JSON of an aggregation has no keys and no counters in 1.7.1, so text it is.
      nfdump("-N -A srcip,dstip,proto,srcport,dstport -o 'fmt:%sa %da %sp %dp %pr %pkt %byt'", 'portNfdumpText'),
    ],
  },
  {
    name: 'NDJSON -> sums by AS pair',
    input: 'flows.ndjson',
    expectation: 'asPairs',
    target: 0.45,
    anchor: { tool: 'jq', cpuSeconds: 11.6 },
    longOutput: false,
    tools: [netally('aggregate', `$NETALLY ${BY_AS_PAIR} < $IN`, 'asJson'), ...SUMMING_PEERS],
  },
  {
    name: 'NDJSON -> filter that passes half -> NDJSON',
    input: 'flows.ndjson',
    expectation: 'passing',
    target: 0.5,
    anchor: { tool: 'jq', cpuSeconds: 14.2 },
    longOutput: true,
    tools: [
      netally('filter', `$NETALLY filter '${flowFilter}' < $IN`, 'portJson'),
      { name: 'naive Node', line: '$NODE $BENCH/naive.ts filter $IN > $OUT', reader: 'portJson' },
      { name: 'jq', needs: 'jq', line: `jq -c 'select(.${flowFilter})' $IN > $OUT`, reader: 'portJson' },
      {
        name: 'mlr',
        needs: 'mlr',
        line: `TZ=UTC mlr --ijsonl --ojsonl filter '$${flowFilter}' $IN > $OUT`,
        reader: 'portJson',
      },
    ],
  },
  {
    name: 'IPv6 capture -> one JSON line a flow',
    input: 'nf9v6.pcap',
    expectation: 'records',
    target: 0.8,
    anchor: { tool: NFDUMP, cpuSeconds: 1.99 },
    longOutput: true,
    tools: [
      netally('flow-recv, all fields', `$NETALLY ${RECEIVE}`, 'portJson'),
      netally('flow-recv, fields as nfacctd', `$NETALLY ${RECEIVE} ${SIXTEEN_FIELDS}`, 'portJson'),
      nfacctdFlat,
      nfdump('-o json', 'nfdumpJson'),
    ],
  },
  {
    name: 'IPFIX capture -> sums by AS pair, one process',
    input: 'ipfix.pcap',
    expectation: 'asPairs',
    target: 0.25,
    anchor: { tool: 'nfacctd', cpuSeconds: 0.49 },
    longOutput: false,
    tools: [netally('run', `$NETALLY run "${RECEIVE} | ${BY_AS_PAIR}"`, 'asJson'), nfacctd('nfacctd-as', 'asJson')],
  },
  {
    name: 'sFlow capture -> 5-tuple sums as JSON',
    input: 'sflow.pcap',
    expectation: 'tuples',
    target: 1.5,
    anchor: { tool: 'sfacctd', cpuSeconds: 2.44 },
    longOutput: false,
    tools: [
      netally('run', `$NETALLY run "flow-recv --pcap $IN --udp-port 6343 | ${BY_TUPLE}"`, 'portJson'),
      packetPeer('sfacctd'),
    ],
  },
  {
    name: 'packet capture -> 5-tuple sums as JSON',
    input: 'packets.pcap',
    expectation: 'tuples',
    target: 1,
    anchor: { tool: 'pmacctd', cpuSeconds: 1.2 },
    longOutput: false,
    tools: [netally('run', `$NETALLY run "packet-recv --pcap $IN | ${BY_TUPLE}"`, 'portJson'), packetPeer('pmacctd')],
  },
]
