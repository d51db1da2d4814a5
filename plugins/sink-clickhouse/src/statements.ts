// The statements: tables with the engine that their fields ask for.
import type { Merge, StoredColumn, TableColumn } from 'netally'
import { quoted } from './column.ts'
import type { Abilities } from './server.ts'

const BIN = 'stamp_inserted'
/** Where rows that are only added are ordered by time. */
const TIMES = [BIN, 'timestamp_arrival', 'timestamp_start', 'timestamp']
/** Batches that the server remembers by their tokens, of a table without replication. */
const WINDOW = 10_000

/** Whether rows of one key become one in the background, and by what. */
export type Engine = 'MergeTree' | 'SummingMergeTree' | 'AggregatingMergeTree' | 'ReplacingMergeTree'

export function engineOf(key: readonly string[], merge: Merge, can: Abilities): Engine {
  if (key.length === 0) return 'MergeTree'
  if (merge === 'replace') return 'ReplacingMergeTree'
  return can.hasSimpleAggregates ? 'AggregatingMergeTree' : 'SummingMergeTree'
}

/**
 * The key of a table. Where the engine can do nothing but add up, least, greatest and ORed values are parts of the key: there are
 * more rows then, whose min(), max() and groupBitOr() are right.
 */
export function keyOf(columns: readonly TableColumn[], key: readonly string[], engine: Engine): string[] {
  if (engine !== 'SummingMergeTree') return [...key]
  const others = columns.filter(({ name, role }) => role !== 'sum' && !key.includes(name)).map(({ name }) => name)
  return [...key, ...others]
}

export interface Making {
  readonly table: string
  readonly columns: readonly StoredColumn[]
  readonly key: readonly string[]
  readonly engine: Engine
  /** In the user's words. */
  readonly chosenEngine: string | undefined
  readonly can: Abilities
}

const declaration = ({ name, stored }: StoredColumn): string => `${quoted(name)} ${stored}`
const tuple = (names: readonly string[]): string =>
  names.length === 0 ? 'tuple()' : `(${names.map(quoted).join(', ')})`

export function createStatement({ table, columns, key, engine, chosenEngine, can }: Making): string {
  const has = (name: string) => columns.some(column => column.name === name && !/Nullable/.test(column.stored))
  const order = key.length > 0 ? key : TIMES.filter(has).slice(0, 1)
  const partition = has(BIN) ? ` PARTITION BY toYYYYMM(${quoted(BIN)})` : ''
  const isReplicated = chosenEngine?.startsWith('Replicated') === true
  const settings = can.hasTokens && !isReplicated ? ` SETTINGS non_replicated_deduplication_window = ${WINDOW}` : ''
  const lines = columns.map(declaration).join(',\n  ')
  return `CREATE TABLE IF NOT EXISTS ${quoted(table)} (\n  ${lines}\n) ENGINE = ${chosenEngine ?? engine}${partition} ORDER BY ${tuple(order)}${settings}`
}

/** A new column; one that is part of what a row is goes into the order as well, which a new column may. */
export function addStatement(table: string, column: StoredColumn, order: string | undefined): string {
  const add = `ALTER TABLE ${quoted(table)} ADD COLUMN ${declaration(column)}`
  return order === undefined ? add : `${add}, MODIFY ORDER BY (${order}, ${quoted(column.name)})`
}

export const insertStatement = (table: string, columns: readonly StoredColumn[]): string =>
  `INSERT INTO ${quoted(table)} (${columns.map(({ name }) => quoted(name)).join(', ')}) FORMAT TabSeparated`
