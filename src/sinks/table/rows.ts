// Records of a delivery as rows of a table; rows of one key are merged before they are sent.
import { hash } from 'node:crypto'
import type { Rejected } from '../../contract/backend.ts'
import type { NetRecord, Value } from '../../contract/record.ts'
import type { Role } from '../../fields/field.ts'
import { jsonText } from '../../stream/json.ts'
import type { TableColumn } from '../table-column.ts'
import type { Cell, CellForm } from './cells.ts'

/** A row whose key is there already: sums add up, the new row replaces the old, or the old one stays. */
export type Merge = 'add' | 'replace' | 'ignore'

export interface StoredColumn extends TableColumn {
  /** As the database has it, for messages. */
  readonly stored: string
  readonly form: CellForm
  /** What an absent value is. */
  readonly absent: Cell | null
}

export interface TableRow {
  /** In the order of the columns. */
  readonly cells: (Cell | null)[]
  /** Places of its records in the delivery. */
  readonly from: number[]
}

export interface PlacedRecord {
  readonly index: number
  readonly record: NetRecord
}

const SHOWN = 80

/** Rows of the records; those with a value that no cell can be are added to `rejected`. */
export function tableRows(
  records: readonly PlacedRecord[],
  columns: readonly StoredColumn[],
  rejected: Rejected[],
): TableRow[] {
  const rows: TableRow[] = []
  for (const { index, record } of records) {
    const cells = new Array<Cell | null>(columns.length)
    let reason: string | undefined
    for (let place = 0; place < columns.length; place++) {
      const { field, form, absent, stored } = columns[place] as StoredColumn
      const value = record[field.name]
      if (value === undefined || value === null) {
        cells[place] = absent
        continue
      }
      const cell = form(value)
      if (cell === undefined) reason ??= `${field.name}: ${jsonText(value).slice(0, SHOWN)} is no ${stored}`
      cells[place] = cell ?? null
    }
    if (reason === undefined) rows.push({ cells, from: [index] })
    else rejected.push({ index, reason })
  }
  return rows
}

function sum(old: Cell, added: Cell): Cell {
  if (typeof old === 'number' && typeof added === 'number') {
    const total = old + added
    if (Number.isSafeInteger(total) || !Number.isInteger(old) || !Number.isInteger(added)) return total
  }
  return isWhole(old) && isWhole(added) ? BigInt(old) + BigInt(added) : Number(old) + Number(added)
}

const isWhole = (cell: Cell): boolean => typeof cell !== 'number' || Number.isInteger(cell)

/** Numbers of any size, and texts of times, whose order is that of their letters. */
const isLess = (a: Cell, b: Cell): boolean => a < b

/** How two cells become one; `key` is that of a field which came after the key was found. */
const BOTH: { readonly [role in Role]: (old: Cell, added: Cell) => Cell } = {
  key: (_old, added) => added,
  sum,
  min: (old, added) => (isLess(added, old) ? added : old),
  max: (old, added) => (isLess(old, added) ? added : old),
  or: (old, added) => {
    const both = BigInt(old) | BigInt(added)
    return both <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(both) : both
  },
}

function mergeInto(row: TableRow, added: TableRow, columns: readonly StoredColumn[], merge: Merge): void {
  row.from.push(...added.from)
  if (merge === 'ignore') return
  for (let place = 0; place < columns.length; place++) {
    const [old, cell] = [row.cells[place] as Cell | null, added.cells[place] as Cell | null]
    if (merge === 'replace' || old === null) row.cells[place] = cell ?? (merge === 'replace' ? null : old)
    else if (cell !== null) row.cells[place] = BOTH[(columns[place] as StoredColumn).role](old, cell)
  }
}

/** One row of each key, in the order in which the keys came. `key`: places of the key's columns; none = nothing is merged. */
export function mergedRows(
  rows: readonly TableRow[],
  columns: readonly StoredColumn[],
  key: readonly number[],
  merge: Merge,
): readonly TableRow[] {
  if (key.length === 0) return rows
  const others = columns.map((column, place) => (key.includes(place) ? { ...column, role: 'key' as const } : column))
  const known = new Map<string, TableRow>()
  for (const row of rows) {
    const text = keyText(row, key)
    const same = known.get(text)
    if (same) mergeInto(same, row, others, merge)
    else known.set(text, row)
  }
  return known.size === rows.length ? rows : [...known.values()]
}

/** Absent is not the same as empty, and no value runs into the next. */
function keyText({ cells }: TableRow, key: readonly number[]): string {
  let text = ''
  for (const place of key) {
    const cell = cells[place] as Cell | null
    const part = cell === null ? '' : String(cell)
    text += cell === null ? '-;' : `${part.length}:${part};`
  }
  return text
}

/**
 * A key as 32 hex digits, the same in every run: MD5 of the JSON of [name, cell] of the key's columns that are not absent, by name.
 * For keys that are too wide for an index, and for databases where absent values do not equal each other.
 */
export function rowKey(columns: readonly StoredColumn[], key: readonly number[]): (row: TableRow) => string {
  const places = [...key].sort((a, b) => (name(columns, a) < name(columns, b) ? -1 : 1))
  return ({ cells }) => {
    const pairs: Value[] = []
    for (const place of places) {
      const cell = cells[place] as Cell | null
      if (cell !== null) pairs.push([name(columns, place), String(cell)])
    }
    return hash('md5', jsonText(pairs), 'hex')
  }
}

const name = (columns: readonly StoredColumn[], place: number): string => (columns[place] as StoredColumn).name

/**
 * Stores rows; when the database refuses a value among them, halves are tried until it is known whose it was. `attempt` must leave
 * nothing behind when it rejects; `reasonOf` gives the reason where an error is of a value, else undefined.
 */
export async function storeApart(
  rows: readonly TableRow[],
  attempt: (rows: readonly TableRow[]) => Promise<void>,
  reasonOf: (error: unknown) => string | undefined,
  rejected: Rejected[],
): Promise<void> {
  if (rows.length === 0) return
  try {
    await attempt(rows)
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === undefined) throw error
    if (rows.length === 1) {
      rejected.push(...(rows[0] as TableRow).from.map(index => ({ index, reason })))
      return
    }
    const middle = rows.length >> 1
    await storeApart(rows.slice(0, middle), attempt, reasonOf, rejected)
    await storeApart(rows.slice(middle), attempt, reasonOf, rejected)
  }
}
