// Columns as pmacct's own tables for PostgreSQL have them (its sql/README.pgsql and README.timestamp).
import { type PmacctForm, pmacctColumns, type TableColumn, type TypeName } from 'netally'
import { formFor, type PgColumn } from './column.ts'

const NUMBER: PmacctForm = { stored: 'bigint', absent: 0 }
const SMALL: PmacctForm = { stored: 'smallint', absent: 0 }
const TEXT: PmacctForm = { stored: 'character varying(255)', absent: '' }

const TYPES: { readonly [name in TypeName]: PmacctForm } = {
  unsigned: NUMBER,
  counter: NUMBER,
  real: { stored: 'real', absent: 0 },
  time: { stored: 'timestamp without time zone', absent: '0001-01-01 00:00:00' },
  address: { stored: 'inet', absent: '0.0.0.0' },
  mac: { stored: 'macaddr', absent: '00:00:00:00:00:00' },
  protocol: SMALL,
  etype: { stored: 'character(5)', absent: '' },
  direction: { stored: 'character(1)', absent: '' },
  text: TEXT,
  list: TEXT,
  any: TEXT,
}

const FIELDS: { readonly [name: string]: PmacctForm } = {
  port_src: { stored: 'integer', absent: 0 },
  port_dst: { stored: 'integer', absent: 0 },
  vlan: { stored: 'integer', absent: 0 },
  tos: { stored: 'integer', absent: 0 },
  tcp_flags: SMALL,
  mask_src: SMALL,
  mask_dst: SMALL,
  cos: SMALL,
  country_ip_src: { stored: 'character(2)', absent: '--' },
  country_ip_dst: { stored: 'character(2)', absent: '--' },
}

/** One column, or two: the whole seconds of a time and its `_residual`. */
export function compatColumns(column: TableColumn, localTime: boolean): PgColumn[] {
  const of = FIELDS[column.name] ?? TYPES[column.type]
  return pmacctColumns(column, of, 'integer', stored => formFor(stored)(column), localTime)
}
