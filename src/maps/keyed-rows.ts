// Maps whose rows are a few keys, each of them once: what a row says, by its keys.
import { isProblem } from '../contract/problem.ts'
import { type MapRow, type MapText, placeOf, readEach, readRows } from './grammar.ts'
import { badRow, type RowProblem } from './row-problem.ts'

/** Values of a row by key. */
export type RowValues = ReadonlyMap<string, string>

export interface KeyedRows<Row extends object> {
  readonly keys: ReadonlySet<string>
  /** A hint for who wrote a row that cannot be read. */
  readonly example: string
  /** What the row says, or what is wrong with it. */
  read(values: RowValues): Row | string
}

function readRow<Row extends object>(file: string, row: MapRow, kind: KeyedRows<Row>): Row | RowProblem {
  const unknown = row.tokens.find(({ key }) => !kind.keys.has(key))
  if (unknown) return badRow(file, placeOf(row, unknown), `"${unknown.key}" is no key of this map`, kind.example)
  const read = kind.read(new Map(row.tokens.map(({ key, value }) => [key, value])))
  return typeof read === 'string' ? badRow(file, { line: row.line, text: row.text }, read, kind.example) : read
}

/** The rows of a map, or the first that cannot be read; all such rows, when `bad` takes them. */
export function parseKeyedRows<Row extends object>(
  text: MapText,
  file: string,
  kind: KeyedRows<Row>,
  bad?: RowProblem[],
): Row[] | RowProblem {
  const rows = readRows(text, file, bad)
  return isProblem(rows) ? (rows as RowProblem) : readEach(rows, row => readRow(file, row, kind), bad)
}
