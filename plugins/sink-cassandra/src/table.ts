// The table: made of the fields that came, for reads by time, and widened for those that come later.
import { type Client, types } from 'cassandra-driver'
import { type Field, fieldOf, type Host, PermanentError, type TableColumn, tableColumns } from 'netally'
import { type CassandraColumn, formOf, quoted, typeOf } from './column.ts'
import type { CassandraOptions } from './options.ts'

/** Columns of ours, before those of the fields. A field of such a name gets a `_` behind it. */
export const BUCKET = 'bucket'
export const PART = 'part'
export const TIME = 'at'
export const ID = 'id'
const OURS: ReadonlySet<string> = new Set([BUCKET, PART, TIME, ID])

/** A table of times is compacted in about so many windows. */
const WINDOWS = 30
const SHORTEST_WINDOW_MINUTES = 10

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
const mapText = (values: { readonly [name: string]: string }): string =>
  `{${Object.entries(values)
    .map(([name, value]) => `${text(name)}: ${text(value)}`)
    .join(', ')}}`

export const nameOf = ({ name }: TableColumn): string => (OURS.has(name) ? `${name}_` : name)

/** The statement that makes the table; `columns` are those of fields. */
export function tableText(options: CassandraOptions, columns: readonly { name: string; type: string }[]): string {
  const { keyspace, table, partition, spread, ttlSeconds } = options
  const parts = [BUCKET, ...partition.map(quoted), ...(spread > 1 ? [PART] : [])]
  const all = [
    `${BUCKET} timestamp`,
    ...(spread > 1 ? [`${PART} int`] : []),
    `${TIME} timestamp`,
    `${ID} text`,
    ...columns.map(({ name, type }) => `${quoted(name)} ${type}`),
    `PRIMARY KEY ((${parts.join(', ')}), ${TIME}, ${ID})`,
  ]
  const minutes = Math.max(Math.round(ttlSeconds / 60 / WINDOWS), SHORTEST_WINDOW_MINUTES)
  const compaction = {
    class: 'TimeWindowCompactionStrategy',
    compaction_window_unit: 'MINUTES',
    compaction_window_size: String(minutes),
  }
  const properties = [
    `CLUSTERING ORDER BY (${TIME} DESC, ${ID} ASC)`,
    ...(ttlSeconds > 0 ? [`default_time_to_live = ${ttlSeconds}`, `compaction = ${mapText(compaction)}`] : []),
  ]
  return `CREATE TABLE IF NOT EXISTS ${keyspace}.${table} (${all.join(', ')}) WITH ${properties.join(' AND ')}`
}

function unsuitable({ keyspace, table }: CassandraOptions, what: string): PermanentError {
  return new PermanentError({
    code: 'cassandra/table',
    message: `table ${keyspace}.${table} ${what}`,
    hint: 'name another --table, or give the flags that it was made with',
  })
}

export class Table {
  readonly #client: Client
  readonly #options: CassandraOptions
  readonly #host: Host
  /** Columns of the server's table, name to type; empty = there is no table. */
  #stored = new Map<string, string>()
  /** By field. */
  readonly #columns = new Map<string, CassandraColumn>()
  columns: readonly CassandraColumn[] = []

  constructor(client: Client, options: CassandraOptions, host: Host) {
    this.#client = client
    this.#options = options
    this.#host = host
  }

  /** Makes the keyspace if there is none, and looks at the table. */
  async open(): Promise<void> {
    const { keyspace, replication } = this.#options
    const known = await this.#ask('SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?', [
      keyspace,
    ])
    if (known.rowLength === 0) {
      await this.#change(`CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = ${mapText(replication)}`)
    }
    await this.#look()
  }

  async #look(): Promise<void> {
    const { keyspace, table, partition, spread } = this.#options
    const found = await this.#ask(
      'SELECT column_name, type, kind FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?',
      [keyspace, table],
    )
    this.#stored = new Map(found.rows.map(row => [String(row.column_name), String(row.type)]))
    if (this.#stored.size === 0) return
    const keys = found.rows.filter(row => row.kind === 'partition_key').map(row => String(row.column_name))
    const wanted = [BUCKET, ...partition, ...(spread > 1 ? [PART] : [])]
    if (keys.sort().join() !== wanted.sort().join()) throw unsuitable(this.#options, `is parted by ${keys.join(', ')}`)
    if (this.#stored.get(TIME) !== 'timestamp' || this.#stored.get(ID) !== 'text') {
      throw unsuitable(this.#options, `has no columns ${TIME} (timestamp) and ${ID} (text)`)
    }
  }

  #ask(statement: string, values: readonly unknown[]): Promise<types.ResultSet> {
    return this.#client.execute(statement, [...values], { prepare: true, consistency: types.consistencies.localOne })
  }

  async #change(statement: string): Promise<void> {
    await this.#client.execute(statement)
    this.#host.count('schema_changes')
  }

  /** Gives these fields columns. */
  async settle(fields: readonly Field[]): Promise<void> {
    const { columns, refused } = tableColumns(fields)
    for (const { name } of refused) {
      this.#host.report({
        code: 'cassandra/no-column',
        message: `field "${name}" cannot be a column, and is left out`,
        hint: 'rename it before: netally tag, jq',
      })
    }
    const wanted = columns.map(column => ({
      field: column.field.name,
      name: nameOf(column),
      type: typeOf(column, this.#options.isVarint),
    }))
    if (this.#stored.size === 0) await this.#make(wanted)
    for (const { name, type } of wanted) if (!this.#stored.has(name)) await this.#add(name, type)
    for (const { field, name } of wanted) this.#take(field, name)
    this.columns = [...this.#columns.values()]
  }

  async #make(wanted: readonly { name: string; type: string; field: string }[]): Promise<void> {
    const missing = this.#options.partition.filter(field => !wanted.some(one => one.field === field))
    // No record has them yet; those that follow may.
    const keys = tableColumns(missing.map(fieldOf)).columns
    const more = keys.map(column => ({ name: nameOf(column), type: typeOf(column, this.#options.isVarint) }))
    await this.#change(tableText(this.#options, [...wanted, ...more]))
    await this.#look()
  }

  async #add(name: string, type: string): Promise<void> {
    const { keyspace, table } = this.#options
    try {
      await this.#change(`ALTER TABLE ${keyspace}.${table} ADD ${quoted(name)} ${type}`)
    } catch (error) {
      // Another sink was faster.
      await this.#look()
      if (!this.#stored.has(name)) throw error
    }
    this.#stored.set(name, type)
  }

  #take(field: string, name: string): void {
    const type = this.#stored.get(name) as string
    const bind = formOf(type)
    if (!bind) throw unsuitable(this.#options, `has a column ${name} of type ${type}, which cannot be written`)
    this.#columns.set(field, { field, name, type, bind })
  }
}
