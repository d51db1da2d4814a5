/** Programs that take routing tables off sessions, and how each says what it has. */
export interface Daemon {
  readonly name: string
  /** Programs that must be installed. */
  readonly needs: readonly string[]
  /** The configuration file's text, $CONF. */
  readonly conf?: (place: Place) => string
  /** The bash line that runs it, until it gets SIGINT. $NETALLY, $CONF, $OUT, $PORT and $API are set. */
  readonly line: string
  /** A bash line that prints how many routes it has, or has written; none = it does not say. */
  readonly count?: string
  /** It needs minutes for more than one table. */
  readonly oneTable?: true
}

export interface Place {
  readonly port: number
  /** A second port, for a program that is asked over one. */
  readonly api: number
  readonly out: string
  readonly peers: readonly string[]
}

const OUR_AS = 64_499
const PEER_AS = 64_500

const pmbgpd = ({ port }: Place): string =>
  `daemonize: false\nbgp_daemon_ip: 127.0.0.1\nbgp_daemon_port: ${port}\nbgp_daemon_as: ${OUR_AS}\n` +
  'bgp_daemon_id: 127.0.0.1\nbgp_daemon_max_peers: 8\n'
const pmbmpd = ({ port }: Place): string =>
  `daemonize: false\nbmp_daemon_ip: 127.0.0.1\nbmp_daemon_port: ${port}\nbmp_daemon_max_peers: 8\n`

const UPDATES = `grep -c '"log_type": *"update"' $OUT`
/** Signal USR1 makes netally tell its counters; the table's size is among them. */
const TABLE_ROUTES = `grep -o 'table_routes","value":[0-9]*' $OUT.log | tail -n 1 | cut -d: -f2`
const RECEIVE = 'bgp-recv --listen 127.0.0.1:$PORT --as 64499'
const TABLE = 'dump --table --every 30d --file $OUT.table.json'

export const JSON_DAEMONS: readonly Daemon[] = [
  { name: 'netally bgp-recv', needs: [], line: `$NETALLY ${RECEIVE} > $OUT`, count: UPDATES },
  {
    name: 'pmbgpd',
    needs: ['pmbgpd'],
    conf: place => `${pmbgpd(place)}bgp_daemon_msglog_file: ${place.out}\nbgp_daemon_msglog_output: json\n`,
    line: 'pmbgpd -f $CONF > $OUT.log 2>&1',
    count: UPDATES,
  },
]

export const TABLE_DAEMONS: readonly Daemon[] = [
  {
    name: 'netally run',
    needs: [],
    line: `$NETALLY run "${RECEIVE} | ${TABLE}" 2> $OUT.log`,
    count: TABLE_ROUTES,
  },
  {
    name: 'netally, two processes',
    needs: [],
    line: `$NETALLY ${RECEIVE} | $NETALLY ${TABLE} 2> $OUT.log`,
    count: TABLE_ROUTES,
  },
  {
    name: 'pmbgpd',
    needs: ['pmbgpd'],
    // It keeps a table only where dumps are wanted; this one is never due.
    conf: place =>
      `${pmbgpd(place)}bgp_table_dump_file: ${place.out}\nbgp_table_dump_output: json\nbgp_table_dump_refresh_time: 86400\n`,
    line: 'pmbgpd -f $CONF > $OUT.log 2>&1',
  },
  {
    name: 'bird',
    needs: ['bird', 'birdc'],
    conf: ({ port, peers }) =>
      `router id 127.0.0.1;\nprotocol device {}\n${peers
        .map(
          (peer, index) =>
            `protocol bgp f${index} { local 127.0.0.1 port ${port} as ${OUR_AS}; neighbor ${peer} as ${PEER_AS}; ` +
            'passive yes; multihop; ipv4 { import all; export none; }; }\n',
        )
        .join('')}`,
    line: 'bird -f -c $CONF -s $OUT.ctl > $OUT.log 2>&1',
    count: `birdc -s $OUT.ctl show route count | grep -o '^[0-9]*' | head -n 1`,
  },
  {
    name: 'gobgpd',
    needs: ['gobgpd', 'gobgp'],
    conf: ({ port, peers }) =>
      `[global.config]\n as=${OUR_AS}\n router-id="127.0.0.1"\n port=${port}\n local-address-list=["127.0.0.1"]\n${peers
        .map(
          peer =>
            `[[neighbors]]\n [neighbors.config]\n neighbor-address="${peer}"\n peer-as=${PEER_AS}\n` +
            ' [neighbors.transport.config]\n passive-mode=true\n local-address="127.0.0.1"\n',
        )
        .join('')}`,
    line: 'gobgpd -f $CONF --api-hosts 127.0.0.1:$API --pprof-disable > $OUT.log 2>&1',
    oneTable: true,
    count: `gobgp -p $API global rib summary | grep -o 'Path: *[0-9]*' | grep -o '[0-9]*'`,
  },
]

export const BMP_DAEMONS: readonly Daemon[] = [
  {
    name: 'netally bmp-recv',
    needs: [],
    line: '$NETALLY bmp-recv --listen 127.0.0.1:$PORT > $OUT',
    count: UPDATES,
  },
  {
    name: 'pmbmpd',
    needs: ['pmbmpd'],
    conf: place => `${pmbmpd(place)}bmp_daemon_msglog_file: ${place.out}\nbmp_daemon_msglog_output: json\n`,
    line: 'pmbmpd -f $CONF > $OUT.log 2>&1',
    count: UPDATES,
  },
]
