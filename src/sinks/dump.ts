// dump: records to files, FIFOs or standard output as json, csv or tables; files by time and by values.
import type { Needs, Sink } from '../contract/component.ts'
import { ALL_FIELDS } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { isProblem, ProblemError } from '../contract/problem.ts'
import type { Batch } from '../contract/record.ts'
import { fieldsOf } from '../fields/dictionary.ts'
import { presenter } from '../fields/present.ts'
import { avroCodecs, type MakeAvroCodec } from './avro-codec.ts'
import { avroFormat, avroJsonFormat } from './dump/avro.ts'
import { Columns } from './dump/columns.ts'
import { csvFormat } from './dump/csv.ts'
import type { MakeFormat } from './dump/format.ts'
import { jsonFormat } from './dump/json.ts'
import { DUMP_DEFAULTS, type DumpFormat, type DumpOptions, type TableOptions } from './dump/options.ts'
import { Output } from './dump/output.ts'
import { Outputs, STANDARD_OUTPUT } from './dump/outputs.ts'
import { Router } from './dump/router.ts'
import { tableFormat } from './dump/table.ts'
import { Triggers } from './dump/trigger.ts'
import { type NamePattern, namePattern } from './name-pattern.ts'
import { PLACE_FIELDS, Placement } from './placement.ts'
import { mrtFormat } from './table-dump/mrt.ts'
import { keepTable } from './table-dump.ts'

/** What waits in a buffer longest before it is written. */
const IDLE_MS = 50

type FormatMaker = (options: DumpOptions, columns: Columns, makeCodec: MakeAvroCodec | undefined) => MakeFormat

/** Formats that have columns: declared, or those of the first records. */
const COLUMNED: ReadonlySet<DumpFormat> = new Set(['csv', 'avro', 'avro_json'])

const FORMATS: { readonly [format in DumpFormat]: FormatMaker } = {
  json: jsonFormat,
  csv: csvFormat,
  table: tableFormat,
  mrt: mrtFormat,
  avro: avroFormat,
  avro_json: avroJsonFormat,
}

function checkedPattern(text: string, { everyMs, localTime }: DumpOptions): NamePattern {
  const made = namePattern(text, { everyMs, localTime })
  if (isProblem(made)) throw new ProblemError(made)
  return made
}

/** A link is one name for many files: its variables must be those of the file, and none of time. */
function latestPattern(options: DumpOptions, file: NamePattern): NamePattern | undefined {
  if (options.latest === undefined) return undefined
  const latest = checkedPattern(options.latest, options)
  const strange = latest.fields.find(field => !file.fields.some(({ name }) => name === field.name))
  if (latest.stepMs === 0 && !strange)
    return { ...latest, render: (unixMs, values) => latest.render(unixMs, reorder(file, latest, values)) }
  throw new ProblemError({
    code: 'usage/latest',
    message: strange
      ? `--latest names files by "${strange.name}", the file name does not`
      : '--latest must not have a time in its name',
    hint: 'leave the variable out of --latest',
  })
}

const reorder: (file: NamePattern, latest: NamePattern, values: Parameters<NamePattern['render']>[1]) => typeof values =
  (file, latest, values) => latest.fields.map(field => values[file.fields.findIndex(({ name }) => name === field.name)])

class Dump {
  readonly #host: Host
  readonly #router: Router
  readonly #outputs: Outputs
  readonly #triggers: Triggers | undefined
  #reloads: number
  #encode: (batch: Batch) => Batch = batch => batch
  #timer: NodeJS.Timeout | undefined
  #failure: unknown

  constructor(options: DumpOptions, host: Host, makeCodec: MakeAvroCodec | undefined) {
    this.#host = host
    this.#reloads = host.reloads
    const { localTime, format, writeEmpty, present, table } = options
    // A table has a file for each dump, named by its time.
    const everyMs = table ? 0 : options.everyMs
    // json has its forms made as it is written; cells are made of what they are given.
    if (format !== 'json' && present?.encode) this.#encode = presenter({ encode: present.encode })
    const file = options.file ?? STANDARD_OUTPUT
    const pattern = checkedPattern(file, options)
    const byStamp = file === STANDARD_OUTPUT && format === 'table'
    const timeless = pattern.stepMs === 0
    const single = timeless && pattern.fields.length === 0 && everyMs === 0 && !byStamp
    const columns = new Columns(COLUMNED.has(format) ? options.fields : [], host)
    const latest = latestPattern(options, pattern)
    this.#triggers = options.trigger === undefined ? undefined : new Triggers(options.trigger, options.everyMs, host)
    const makeFormat = FORMATS[format](options, columns, makeCodec)
    this.#outputs = new Outputs({ dump: options, pattern, latest, makeFormat, triggers: this.#triggers }, host)
    const emptyEveryMs = writeEmpty && pattern.fields.length === 0 ? everyMs || pattern.stepMs : 0
    const placement = new Placement({ pattern, everyMs, localTime, byStamp }, host)
    this.#router = new Router({ placement, outputs: this.#outputs, columns, single, timeless, emptyEveryMs }, host)
    // One file is there from the start, even if no record comes; what is wrong with it shows at once.
    if (single && !table) this.#outputs.get(0, [], 0)
  }

  async take(batch: Batch): Promise<void> {
    if (this.#failure) {
      if (batch.count > 0) this.#host.count(Output.lossOf(this.#failure), batch.count)
      throw this.#failure
    }
    if (this.#reloads !== this.#host.reloads) {
      this.#reloads = this.#host.reloads
      await this.#router.reopen()
    }
    if (batch.count === 0) await this.#router.tick(batch)
    else await this.#router.take(this.#encode(batch))
    this.#timer ??= setTimeout(() => this.#flushIdle(), IDLE_MS)
  }

  #flushIdle(): void {
    this.#timer = undefined
    this.#outputs.flush().catch(error => {
      this.#failure = error
    })
  }

  /** Puts what was written under its names; the next records begin new files. */
  async finishFiles(): Promise<void> {
    if (this.#failure) throw this.#failure
    await this.#router.finishFiles()
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#failure) throw this.#failure
    await this.#router.end()
    await this.#triggers?.end()
  }

  /** Saves what can be saved and counts the rest. */
  async fail(error: unknown): Promise<void> {
    clearTimeout(this.#timer)
    let lost = this.#router.lost
    for (const output of this.#outputs.all) {
      try {
        await this.#outputs.finish(output, 0)
      } catch {
        // The first error is the one that is reported.
        lost += output.pending
      }
    }
    if (lost > 0) this.#host.count(Output.lossOf(error), lost)
    await this.#triggers?.end().catch(() => {})
  }
}

function needs(options: DumpOptions): Needs {
  if (!options.fields || options.table) return ALL_FIELDS
  const { fields } = checkedPattern(options.file ?? STANDARD_OUTPUT, options)
  const read = [...options.fields.flatMap(fieldsOf), ...PLACE_FIELDS, ...fields].map(({ name }) => name)
  return { fields: [...new Set(read)], rest: false }
}

export const dump: Sink<DumpOptions> = {
  needs,
  async drain(input, options, host) {
    if (options.umask !== undefined) process.umask(options.umask)
    const makeCodec = options.format === 'avro' ? await avroCodecs() : undefined
    const running = new Dump(options, host, makeCodec)
    try {
      if (options.table) await keepTable(input, { ...options, table: options.table }, running, host)
      else for await (const batch of input) await running.take(batch)
      await running.end()
    } catch (error) {
      await running.fail(error)
      throw error
    }
  },
}

export { DUMP_DEFAULTS, type DumpFormat, type DumpOptions, type TableOptions }
