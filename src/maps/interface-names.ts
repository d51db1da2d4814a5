// Which ifIndex a name of an interface stands for, and which exporter a node of telemetry is: rows
// `ifname=ge-0/0/0 ifindex=501 [ip=192.0.2.1]` and `node=10.0.0.1 ip=192.0.2.1`.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { MapText } from './grammar.ts'
import { type KeyedRows, parseKeyedRows } from './keyed-rows.ts'
import { readMap } from './read-map.ts'
import type { RowProblem } from './row-problem.ts'
import { LARGEST_U32, parseAddress, wholeNumber } from './set-value.ts'

type Row =
  | { readonly node: string; readonly exporter: string }
  | { readonly name: string; readonly index: number; readonly exporter: string | undefined }

export class InterfaceNames {
  readonly file: string
  readonly #nodes = new Map<string, string>()
  readonly #indexes = new Map<string, number>()
  readonly #rows: readonly Row[]

  constructor(file: string, rows: readonly Row[]) {
    this.file = file
    this.#rows = rows
    for (const row of rows) {
      if ('node' in row) this.#nodes.set(row.node, row.exporter)
      else this.#indexes.set(`${row.exporter ?? ''} ${row.name}`, row.index)
    }
  }

  /** The exporter that a node is; the node itself where the map does not say. */
  exporterOf(node: string): string {
    return this.#nodes.get(node) ?? node
  }

  /** Names by ifIndex: of rows without an exporter, and of this one's, which go before. */
  namesOf(exporter: string | undefined): ReadonlyMap<number, string> {
    const names = new Map<number, string>()
    for (const owner of [undefined, exporter]) {
      for (const row of this.#rows) if ('name' in row && row.exporter === owner) names.set(row.index, row.name)
    }
    return names
  }

  indexOf(exporter: string, name: string): number | undefined {
    return this.#indexes.get(`${exporter} ${name}`) ?? this.#indexes.get(` ${name}`)
  }
}

const ROWS: KeyedRows<Row> = {
  keys: new Set(['ifname', 'ifindex', 'ip', 'node']),
  example: 'rows like ifname=ge-0/0/0 ifindex=501 ip=192.0.2.1, or node=10.0.0.1 ip=192.0.2.1',
  read(values) {
    const ip = values.get('ip')
    const exporter = ip === undefined ? undefined : parseAddress(ip)
    if (ip !== undefined && exporter === undefined) return `"${ip}" is no address of an exporter`
    const node = values.get('node')
    if (node !== undefined) {
      if (exporter === undefined) return 'a node needs the address of its exporter (ip)'
      return { node: parseAddress(node) ?? node, exporter }
    }
    const name = values.get('ifname')
    const index = wholeNumber(values.get('ifindex') ?? '', LARGEST_U32)
    if (name === undefined || !index) return 'ifname and ifindex must be there'
    return { name, index, exporter }
  },
}

export function parseInterfaceNames(text: MapText, file: string, bad?: RowProblem[]): InterfaceNames | Problem {
  const rows = parseKeyedRows(text, file, ROWS, bad)
  return isProblem(rows) ? rows : new InterfaceNames(file, rows)
}

export function readInterfaceNames(path: string): Promise<InterfaceNames | Problem> {
  return readMap(path, parseInterfaceNames)
}
