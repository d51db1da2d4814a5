// The flags of every sink that writes to tables of a database, and what they mean.
import { Flags } from '@oclif/core'
import { ALL_FIELDS, type Needs } from '../contract/component.ts'
import { ProblemError } from '../contract/problem.ts'
import { fieldsOf } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { type TableNames, tableNames } from '../sinks/table/names.ts'
import type { Merge } from '../sinks/table/rows.ts'
import { words } from './parsed.ts'
import { durationMs } from './quantities.ts'

const TABLE = { helpGroup: 'TABLE' }
const WRITING = { helpGroup: 'WRITING' }

export const TABLE_FLAGS = {
  table: Flags.string({
    summary: 'table name; may have %Y %m %d %H %M ...',
    helpValue: 'NAME',
    default: 'acct',
    ...TABLE,
  }),
  every: Flags.string({ summary: 'a new table so often, with a time in its name', helpValue: '1d', ...TABLE }),
  'local-time': Flags.boolean({ summary: 'names and intervals in the zone of TZ instead of UTC', ...TABLE }),
  fields: Flags.string({
    summary: 'columns (names or pmacct primitives); default: the fields of the records',
    helpValue: 'a,b',
    ...TABLE,
  }),
  key: Flags.string({
    summary:
      'fields of the key, or none (rows are only added); default: that of the table, else all that are not counters',
    helpValue: 'a,b',
    ...TABLE,
  }),
  type: Flags.string({
    summary: 'type of a column that is made, instead of the usual; may be given again',
    helpValue: 'FIELD=TYPE',
    multiple: true,
    ...TABLE,
  }),
  merge: Flags.string({
    summary:
      'a row whose key is there already: add the sums, replace the row (repeating a run changes nothing), or ignore the new one',
    options: ['add', 'replace', 'ignore'],
    default: 'add',
    ...WRITING,
  }),
}

export const REMEMBER_FLAG = {
  remember: Flags.string({
    summary: 'how long the database remembers batches, so that none is stored twice; 0s = not at all',
    helpValue: '7d',
    default: '7d',
    ...WRITING,
  }),
}

export interface TableOptions {
  readonly names: TableNames
  /** Columns; undefined = the fields of the records, as they come. */
  readonly fields: readonly Field[] | undefined
  /** Key fields; undefined = that of the table, else all with the role of a key; empty = rows are only added. */
  readonly key: readonly Field[] | undefined
  readonly merge: Merge
  /** Type of a column by the name of its field. */
  readonly types: ReadonlyMap<string, string>
  /** 0 = not at all. */
  readonly rememberMs: number
}

interface Parsed {
  readonly [name: string]: unknown
}

/** Fields of words with commas between them; throws a ProblemError. */
function fieldList(flag: string, value: unknown): Field[] | undefined {
  if (value === undefined) return undefined
  const fields = words(value).flatMap(fieldsOf)
  if (fields.length > 0) return [...new Map(fields.map(field => [field.name, field])).values()]
  throw new ProblemError({
    code: 'usage/no-fields',
    message: `--${flag} "${String(value)}" names no field`,
    hint: 'write names with commas between them, as "netally fields" lists them',
  })
}

/** Letters of a type: bigint, numeric(20,0), LowCardinality(String), text[]. */
const TYPE = /^[A-Za-z][A-Za-z0-9_ (),[\]']{0,99}$/

function typeList(value: unknown): Map<string, string> {
  const types = new Map<string, string>()
  for (const text of (value ?? []) as readonly string[]) {
    const [word = '', type = ''] = text.split(/=(.*)/s, 2)
    if (!TYPE.test(type)) {
      throw new ProblemError({
        code: 'usage/bad-type',
        message: `--type "${text}" is no field and its type`,
        hint: 'write FIELD=TYPE, as in --type tag=numeric(20)',
      })
    }
    for (const field of fieldsOf(word)) types.set(field.name, type)
  }
  return types
}

/** Options from parsed flags; throws a ProblemError. */
export function tableOptions(parsed: Parsed): TableOptions {
  const everyMs = parsed.every === undefined ? 0 : durationMs('every', parsed.every)
  const names = tableNames({ template: String(parsed.table), everyMs, localTime: parsed['local-time'] === true })
  return {
    names,
    fields: fieldList('fields', parsed.fields),
    key: parsed.key === 'none' ? [] : fieldList('key', parsed.key),
    merge: parsed.merge as Merge,
    types: typeList(parsed.type),
    rememberMs: parsed.remember === undefined ? 0 : durationMs('remember', parsed.remember),
  }
}

/** What a record's table is found by, beside the columns. */
const TIMES = ['stamp_inserted', 'timestamp_arrival', 'stamp_updated', 'timestamp', 'event_type']

/** The fields that a sink of tables reads. */
export function tableNeeds({ fields, key }: TableOptions): Needs {
  if (!fields) return ALL_FIELDS
  const names = [...fields, ...(key ?? [])].map(({ name }) => name)
  return { fields: [...new Set([...names, ...TIMES])], rest: false }
}
