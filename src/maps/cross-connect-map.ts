// bgp_daemon_xconnect_map: to which collector the sessions of a peer go. Rows `bgp_dst=ADDRESS:PORT bgp_src=PREFIX`; the first
// that holds the peer's address wins.
import { isIP } from 'node:net'
import { isProblem, type Problem } from '../contract/problem.ts'
import { holds, type Prefix, parsePrefix } from '../lookup/prefix.ts'
import type { MapText } from './grammar.ts'
import { type KeyedRows, parseKeyedRows } from './keyed-rows.ts'
import { readMap } from './read-map.ts'
import type { RowProblem } from './row-problem.ts'

export interface CrossConnectTarget {
  readonly address: string
  readonly port: number
}

interface CrossConnectRow {
  readonly source: Prefix
  readonly target: CrossConnectTarget
}

const LARGEST_PORT = 65_535
const BGP_PORT = 179
const TARGET = /^(?:\[(?<six>[^\]]+)\](?::(?<sixPort>\d{1,5}))?|(?<four>[\d.]+)(?::(?<fourPort>\d{1,5}))?)$/

export class CrossConnectMap {
  readonly file: string
  readonly #rows: readonly CrossConnectRow[]

  get size(): number {
    return this.#rows.length
  }

  constructor(file: string, rows: readonly CrossConnectRow[]) {
    this.file = file
    this.#rows = rows
  }

  /** Where the sessions of an address (text, without a zone) go; undefined when no row holds it. */
  target(address: string): CrossConnectTarget | undefined {
    const peer = parsePrefix(address)
    if (!peer) return undefined
    const [a, b, c, d] = peer.words
    return this.#rows.find(({ source }) => source.family === peer.family && holds(source, a, b, c, d))?.target
  }
}

function parseTarget(text: string): CrossConnectTarget | undefined {
  const { six, sixPort, four, fourPort } = TARGET.exec(text)?.groups ?? {}
  const address = six ?? four
  const port = Number(sixPort ?? fourPort ?? BGP_PORT)
  if (address === undefined || isIP(address) !== (six === undefined ? 4 : 6) || port < 1 || port > LARGEST_PORT) {
    return undefined
  }
  return { address, port }
}

const ROWS: KeyedRows<CrossConnectRow> = {
  keys: new Set(['bgp_src', 'bgp_dst']),
  example: 'a row like bgp_dst=198.51.100.1:179 bgp_src=192.0.2.0/24',
  read(values) {
    const source = parsePrefix(values.get('bgp_src') ?? '')
    if (!source) return 'bgp_src must be an IP address or prefix'
    const target = parseTarget(values.get('bgp_dst') ?? '')
    return target ? { source, target } : 'bgp_dst must be ADDRESS:PORT or [IPV6]:PORT'
  },
}

export function parseCrossConnectMap(text: MapText, file: string, bad?: RowProblem[]): CrossConnectMap | Problem {
  const rows = parseKeyedRows(text, file, ROWS, bad)
  return isProblem(rows) ? rows : new CrossConnectMap(file, rows)
}

export function readCrossConnectMap(path: string): Promise<CrossConnectMap | Problem> {
  return readMap(path, parseCrossConnectMap)
}
