// Columns as pmacct's own tables for MySQL have them (its sql/README.mysql).
import { type PmacctForm, pmacctColumns, type TableColumn, type TypeName } from 'netally'
import { formFor, type MyColumn } from './column.ts'

const NUMBER: PmacctForm = { stored: 'int unsigned', absent: 0 }
const SUM: PmacctForm = { stored: 'bigint unsigned', absent: 0 }
const TEXT: PmacctForm = { stored: 'varchar(255)', absent: '' }

const TYPES: { readonly [name in TypeName]: PmacctForm } = {
  unsigned: NUMBER,
  counter: SUM,
  real: { stored: 'float', absent: 0 },
  time: { stored: 'datetime', absent: '0001-01-01 00:00:00' },
  // pmacct writes 0.0.0.0 for no address.
  address: { stored: 'char(45)', absent: '0.0.0.0' },
  mac: { stored: 'char(17)', absent: '00:00:00:00:00:00' },
  protocol: { stored: 'char(20)', absent: 'ip' },
  etype: { stored: 'char(5)', absent: '0' },
  direction: { stored: 'char(1)', absent: '' },
  text: TEXT,
  list: TEXT,
  any: TEXT,
}

const FIELDS: { readonly [name: string]: PmacctForm } = {
  tag: SUM,
  tag2: SUM,
  country_ip_src: { stored: 'char(2)', absent: '--' },
  country_ip_dst: { stored: 'char(2)', absent: '--' },
}

/** One column, or two: the whole seconds of a time and its `_residual`. */
export function compatColumns(column: TableColumn, localTime: boolean): MyColumn[] {
  const of = FIELDS[column.name] ?? TYPES[column.type]
  const made = pmacctColumns(column, of, 'int unsigned', stored => formFor(column, stored), localTime)
  return made.map(each => ({ ...each, isPacked: false }))
}
