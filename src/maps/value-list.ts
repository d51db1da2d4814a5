// ports_file, protos_file, tos_file: the values that are kept apart; all others are one bucket. Values, ranges and
// protocol names, one or more a line with commas between.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { Value } from '../contract/record.ts'
import { protocolNumber } from '../fields/protocols.ts'
import { type MapRow, type MapText, mapLines, placeOf, readEach } from './grammar.ts'
import { type Parse, readMap } from './read-map.ts'
import { badRow, type Place, type RowProblem } from './row-problem.ts'
import { wholeNumber } from './set-value.ts'

export interface ListKind {
  readonly largest: number
  /** What a value becomes that is not listed. */
  readonly others: number
  readonly read: (text: string) => number | undefined
  readonly what: string
  readonly example: string
}

const LARGEST_PORT = 65_535
const LARGEST_OCTET = 255

const protocol = (text: string): number | undefined => {
  const number = protocolNumber(text.toLowerCase())
  return Number.isNaN(number) ? undefined : number
}

export const PORTS: ListKind = {
  largest: LARGEST_PORT,
  others: 0,
  read: text => wholeNumber(text, LARGEST_PORT),
  what: 'a port',
  example: 'a port or a range of ports a line, like 443 or 6000-6063',
}
export const PROTOCOLS: ListKind = {
  largest: LARGEST_OCTET,
  others: 255,
  read: protocol,
  what: 'an IP protocol',
  example: 'a protocol a line, like tcp or 17',
}
export const TOS: ListKind = {
  largest: LARGEST_OCTET,
  others: 255,
  read: text => wholeNumber(text, LARGEST_OCTET),
  what: 'a TOS',
  example: 'a TOS octet a line, like 184',
}

export class ValueList {
  readonly file: string
  readonly others: number
  readonly #listed: Uint8Array

  constructor(file: string, kind: ListKind, ranges: Iterable<readonly [number, number]>) {
    this.file = file
    this.others = kind.others
    this.#listed = new Uint8Array(kind.largest + 1)
    for (const [from, to] of ranges) this.#listed.fill(1, from, to + 1)
  }

  /** Values that are listed. */
  get size(): number {
    return this.#listed.reduce((sum, listed) => sum + listed, 0)
  }

  /** The value itself when it is listed, else `others`. */
  bucket(value: number): number {
    return this.#listed[value] === 1 ? value : this.others
  }

  /** The same for a value of a record, of protocols their name. */
  valueOf(value: Value | undefined): Value | undefined {
    if (typeof value === 'number') return this.bucket(value)
    if (typeof value !== 'string') return undefined
    return this.#listed[protocolNumber(value)] === 1 ? value : String(this.others)
  }
}

type Range = readonly [number, number]

function readRange(kind: ListKind, text: string): Range | undefined {
  const one = kind.read(text)
  if (one !== undefined) return [one, one]
  const dash = text.indexOf('-', 1)
  const from = kind.read(text.slice(0, dash))
  const to = kind.read(text.slice(dash + 1))
  return dash > 0 && from !== undefined && to !== undefined && from <= to ? [from, to] : undefined
}

function readValues(kind: ListKind, file: string, place: Place, text: string): Range[] | RowProblem {
  const ranges: Range[] = []
  for (const part of text.split(',').map(word => word.trim())) {
    const range = readRange(kind, part)
    if (!range) return badRow(file, place, `"${part}" is not ${kind.what}`, kind.example)
    ranges.push(range)
  }
  return ranges
}

/** The one value of a row of CSV or YAML. */
function readRow(kind: ListKind, file: string, row: MapRow): Range[] | RowProblem {
  const [token, extra] = row.tokens
  if (!token) return []
  if (extra) return badRow(file, placeOf(row, extra), `no such key: "${extra.key}"`, kind.example)
  return readValues(kind, file, placeOf(row, token), token.value)
}

/** Reads lists of a kind. */
export function listParser(kind: ListKind): Parse<ValueList> {
  return (text: MapText, file: string, bad?: RowProblem[]): ValueList | Problem => {
    const rows =
      typeof text === 'string'
        ? readEach(
            mapLines(text),
            ({ line, text: row }) => readValues(kind, file, { line, text: row.trim() }, row.trim()),
            bad,
          )
        : readEach(text, row => readRow(kind, file, row), bad)
    return isProblem(rows) ? rows : new ValueList(file, kind, rows.flat())
  }
}

export function readValueList(kind: ListKind, path: string): Promise<ValueList | Problem> {
  return readMap(path, listParser(kind))
}
