// pcap_interfaces_map: numbers of the interfaces to capture from. Rows `ifindex=100 ifname=eth0 [direction=in|out]`.
import { isProblem, type Problem } from '../contract/problem.ts'
import { type MapRow, type MapText, placeOf, readEach, readRows } from './grammar.ts'
import { readMap } from './read-map.ts'
import { badRow, type RowProblem } from './row-problem.ts'

export interface MappedInterface {
  readonly name: string
  readonly index: number
  /** Which packets are captured; undefined = both ways. */
  readonly direction: 'in' | 'out' | undefined
}

const LARGEST_INDEX = 0xffff_ffff
const KEYS: ReadonlySet<string> = new Set(['ifindex', 'ifname', 'direction'])
const EXAMPLE = 'a row like ifindex=100 ifname=eth0 direction=in'

export class InterfacesMap {
  readonly file: string
  readonly interfaces: readonly MappedInterface[]

  constructor(file: string, interfaces: readonly MappedInterface[]) {
    this.file = file
    this.interfaces = interfaces
  }
}

function parseRow(file: string, row: MapRow): MappedInterface | RowProblem {
  const { line, text, tokens } = row
  const values = new Map(tokens.map(({ key, value }) => [key, value]))
  const unknown = tokens.find(({ key }) => !KEYS.has(key))
  if (unknown) return badRow(file, placeOf(row, unknown), `"${unknown.key}" is no key of this map`, EXAMPLE)
  const index = /^\d+$/.test(values.get('ifindex') ?? '') ? Number(values.get('ifindex')) : 0
  if (index < 1 || index > LARGEST_INDEX)
    return badRow(file, { line, text }, 'ifindex must be a number from 1', EXAMPLE)
  const name = values.get('ifname') ?? ''
  if (!isInterfaceName(name)) return badRow(file, { line, text }, 'ifname must be the name of an interface', EXAMPLE)
  const direction = values.get('direction')
  if (direction !== undefined && direction !== 'in' && direction !== 'out') {
    return badRow(file, { line, text }, 'direction must be in or out', EXAMPLE)
  }
  return { name, index, direction }
}

/** As Linux has them, and what tcpdump takes besides (nflog:5). It becomes an argument of a program, so no leading dash. */
export const isInterfaceName = (name: string): boolean => /^[^\s/-][^\s/]{0,63}$/.test(name)

export function parseInterfacesMap(text: MapText, file: string, bad?: RowProblem[]): InterfacesMap | Problem {
  const rows = readRows(text, file, bad)
  if (isProblem(rows)) return rows
  const parsed = readEach(rows, row => parseRow(file, row), bad)
  return isProblem(parsed) ? parsed : new InterfacesMap(file, parsed)
}

export function readInterfacesMap(path: string): Promise<InterfacesMap | Problem> {
  return readMap(path, parseInterfacesMap)
}
