// What counters of interfaces are called where netally does not know it: rows `counter=in_octets path=*/if-octets key=if_name`
// for leaves of telemetry, `counter=in_octets field=rx_bytes key=port` for members of records.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { MapText } from './grammar.ts'
import { type KeyedRows, parseKeyedRows } from './keyed-rows.ts'
import { readMap } from './read-map.ts'
import type { RowProblem } from './row-problem.ts'
import { wildcard } from './wildcard.ts'

export const COUNTER_NAMES = [
  'in_octets',
  'out_octets',
  'in_packets',
  'out_packets',
  'in_unicast_packets',
  'out_unicast_packets',
  'in_multicast_packets',
  'out_multicast_packets',
  'in_broadcast_packets',
  'out_broadcast_packets',
  'in_octets_ipv4',
  'out_octets_ipv4',
  'in_octets_ipv6',
  'out_octets_ipv6',
  'ifindex',
  'speed',
] as const
export type CounterName = (typeof COUNTER_NAMES)[number]

export interface CounterRule {
  readonly counter: CounterName
  /** Path of a leaf without modules; undefined where it is a member of a record. */
  readonly path: RegExp | undefined
  readonly field: string | undefined
  /** Member that names the interface; undefined = the usual ones. */
  readonly key: string | undefined
}

const isCounterName = (text: string | undefined): text is CounterName =>
  (COUNTER_NAMES as readonly (string | undefined)[]).includes(text)

export class CounterMap {
  readonly file: string
  readonly rules: readonly CounterRule[]

  constructor(file: string, rules: readonly CounterRule[]) {
    this.file = file
    this.rules = rules
  }
}

/** `*` is any part of a path. Modules (`openconfig-interfaces:`) are taken off, as off the paths that are compared. */
export function pathPattern(text: string): RegExp {
  return new RegExp(`^${wildcard(barePath(text))}$`)
}

/** A path without the modules of its steps, and without predicates. */
export const barePath = (path: string): string => path.replaceAll(/\[[^\]]*\]/g, '').replaceAll(/[^/:*]+:(?=[^/])/g, '')

const ROWS: KeyedRows<CounterRule> = {
  keys: new Set(['counter', 'path', 'field', 'key']),
  example: 'a row like counter=in_octets path=*/statistics/rx-octets key=port_name',
  read(values) {
    const counter = values.get('counter')
    if (!isCounterName(counter)) return `counter must be one of ${COUNTER_NAMES.join(', ')}`
    const [path, field] = [values.get('path'), values.get('field')]
    if ((path === undefined) === (field === undefined)) return 'the row must have a path or a field'
    return { counter, path: path === undefined ? undefined : pathPattern(path), field, key: values.get('key') }
  },
}

export function parseCounterMap(text: MapText, file: string, bad?: RowProblem[]): CounterMap | Problem {
  const rules = parseKeyedRows(text, file, ROWS, bad)
  return isProblem(rules) ? rules : new CounterMap(file, rules)
}

export function readCounterMap(path: string): Promise<CounterMap | Problem> {
  return readMap(path, parseCounterMap)
}
