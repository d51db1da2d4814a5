// A field as a column of DuckDB: its type, and its values.
import {
  BIGINT,
  DOUBLE,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  TIMESTAMP,
  UBIGINT,
  VARCHAR,
} from '@duckdb/node-api'
import {
  addressCell,
  type Cell,
  type CellForm,
  INT64,
  jsonCell,
  jsonText,
  macCell,
  mergeExpression as merged,
  numberCell,
  type Role,
  type StoredColumn,
  type TableColumn,
  type TypeName,
  textCell,
  UINT64,
} from 'netally'

export interface DuckColumn extends StoredColumn {
  readonly kind: Kind
}

interface Kind {
  readonly name: string
  readonly type: DuckDBType
  readonly form: CellForm
  readonly value: (cell: Cell) => DuckDBValue
}

const LAST_MICROSECOND = 253_402_300_800_000_000n

/** Microseconds since 1970. */
const timeCell: CellForm = value => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  const microseconds = BigInt(Math.round(value * 1e6))
  return microseconds >= 0n && microseconds < LAST_MICROSECOND ? microseconds : undefined
}

/** Lists are cells as JSON, so that rows of one key find each other. */
const listCell: CellForm = value => jsonText(Array.isArray(value) ? value : [value])
const listOf = (cell: Cell): DuckDBValue =>
  listValue((JSON.parse(String(cell)) as unknown[]).map(one => (typeof one === 'string' ? one : JSON.stringify(one))))

const big = (cell: Cell): DuckDBValue => BigInt(cell)
const TEXT: Kind = { name: 'VARCHAR', type: VARCHAR, form: textCell, value: String }
const WHOLE: Kind = { name: 'UBIGINT', type: UBIGINT, form: UINT64, value: big }
const REAL: Kind = { name: 'DOUBLE', type: DOUBLE, form: numberCell, value: Number }
const SIGNED: Kind = { name: 'BIGINT', type: BIGINT, form: INT64, value: big }

const KINDS: { readonly [name in TypeName]: Kind } = {
  unsigned: WHOLE,
  counter: WHOLE,
  real: REAL,
  time: {
    name: 'TIMESTAMP',
    type: TIMESTAMP,
    form: timeCell,
    value: cell => new DuckDBTimestampValue(BigInt(cell)),
  },
  address: { ...TEXT, form: addressCell },
  mac: { ...TEXT, form: macCell },
  protocol: TEXT,
  etype: TEXT,
  direction: TEXT,
  text: TEXT,
  list: { name: 'VARCHAR[]', type: LIST(VARCHAR), form: listCell, value: listOf },
  any: { ...TEXT, form: jsonCell },
}
const NUMERIC_ROLES: ReadonlySet<Role> = new Set<Role>(['sum', 'min', 'max'])
/** What --type may name to have other values handed over; the rest is cast by DuckDB. */
const ASKED: { readonly [name: string]: Kind } = { DOUBLE: REAL, BIGINT: SIGNED, UBIGINT: WHOLE }

export function duckColumn(column: TableColumn, chosen: ReadonlyMap<string, string>): DuckColumn {
  const asked = chosen.get(column.field.name)
  // bytes_max and the like, which have no row of their own.
  const usual = column.type === 'any' && NUMERIC_ROLES.has(column.role) ? REAL : KINDS[column.type]
  const kind = (asked && ASKED[asked.toUpperCase()]) || usual
  return { ...column, kind, stored: asked ?? kind.name, form: kind.form, absent: null }
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const quotedText = (text: string): string => `'${text.replaceAll("'", "''")}'`

const MERGING = { least: 'least', greatest: 'greatest', coalesce: 'coalesce' }

/** How a column that is no key takes a second row of the same key; absent values leave the other. */
export function mergeExpression({ name, role }: TableColumn): string {
  return merged(role, `old.${quoted(name)}`, `new.${quoted(name)}`, MERGING)
}
