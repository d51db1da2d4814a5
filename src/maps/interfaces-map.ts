// pcap_interfaces_map: numbers of the interfaces to capture from. Rows `ifindex=100 ifname=eth0 [direction=in|out]`.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { MapText } from './grammar.ts'
import { type KeyedRows, parseKeyedRows } from './keyed-rows.ts'
import { readMap } from './read-map.ts'
import type { RowProblem } from './row-problem.ts'

export interface MappedInterface {
  readonly name: string
  readonly index: number
  /** Which packets are captured; undefined = both ways. */
  readonly direction: 'in' | 'out' | undefined
}

const LARGEST_INDEX = 0xffff_ffff

export class InterfacesMap {
  readonly file: string
  readonly interfaces: readonly MappedInterface[]

  constructor(file: string, interfaces: readonly MappedInterface[]) {
    this.file = file
    this.interfaces = interfaces
  }
}

const ROWS: KeyedRows<MappedInterface> = {
  keys: new Set(['ifindex', 'ifname', 'direction']),
  example: 'a row like ifindex=100 ifname=eth0 direction=in',
  read(values) {
    const index = /^\d+$/.test(values.get('ifindex') ?? '') ? Number(values.get('ifindex')) : 0
    if (index < 1 || index > LARGEST_INDEX) return 'ifindex must be a number from 1'
    const name = values.get('ifname') ?? ''
    if (!isInterfaceName(name)) return 'ifname must be the name of an interface'
    const direction = values.get('direction')
    if (direction !== undefined && direction !== 'in' && direction !== 'out') return 'direction must be in or out'
    return { name, index, direction }
  },
}

/** As Linux has them, and what tcpdump takes besides (nflog:5). It becomes an argument of a program, so no leading dash. */
export const isInterfaceName = (name: string): boolean => /^[^\s/-][^\s/]{0,63}$/.test(name)

export function parseInterfacesMap(text: MapText, file: string, bad?: RowProblem[]): InterfacesMap | Problem {
  const rows = parseKeyedRows(text, file, ROWS, bad)
  return isProblem(rows) ? rows : new InterfacesMap(file, rows)
}

export function readInterfacesMap(path: string): Promise<InterfacesMap | Problem> {
  return readMap(path, parseInterfacesMap)
}
