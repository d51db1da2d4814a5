// The flags of dump, and what they mean.
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import { DUMP_DEFAULTS, type DumpFormat, type DumpOptions } from '../sinks/dump.ts'
import { ownerOption } from './owner-flag.ts'
import { PRESENTATION_FLAGS, presentationOptions } from './presentation-flags.ts'
import { TABLE_FLAGS, tableOptions } from './table-flags.ts'

const FILES = { helpGroup: 'FILES' }
const FORM = { helpGroup: 'FORM' }

export const DUMP_FLAGS = {
  ...PRESENTATION_FLAGS,
  file: Flags.string({
    char: 'o',
    summary:
      'file, FIFO or device; may have %Y %m %d %H %M %S ... and $peer_src_ip $tag $field (default: standard output)',
    helpValue: 'NAME',
    ...FILES,
  }),
  every: Flags.string({ summary: 'a new file so often, on the clock of the records', helpValue: '5m', ...FILES }),
  append: Flags.boolean({ summary: 'add to files that exist', ...FILES }),
  'in-place': Flags.boolean({
    summary: 'write under the final name from the start, instead of renaming a finished file',
    exclusive: ['append'],
    ...FILES,
  }),
  fifo: Flags.boolean({ summary: 'make a FIFO of that name if there is none', dependsOn: ['file'], ...FILES }),
  latest: Flags.string({
    summary: 'symbolic link to the last finished file',
    helpValue: 'LINK',
    dependsOn: ['file'],
    ...FILES,
  }),
  trigger: Flags.string({
    summary: 'program to run after each finished file, with its name as argument and as NETALLY_FILE',
    helpValue: 'PROGRAM',
    dependsOn: ['file'],
    ...FILES,
  }),
  umask: Flags.string({ summary: 'permissions that new files lack, octal', helpValue: '027', ...FILES }),
  owner: Flags.string({
    summary: 'whose the files and folders are that are made, by names or numbers; for root',
    helpValue: 'USER[:GROUP]',
    dependsOn: ['file'],
    ...FILES,
  }),
  'write-empty': Flags.boolean({ summary: 'intervals without records have files too', ...FILES }),
  'local-time': Flags.boolean({ summary: 'names and intervals in the zone of TZ instead of UTC', ...FILES }),
  format: Flags.string({
    char: 'f',
    summary: 'default: by the end of the name, table on a terminal, else json',
    options: ['json', 'csv', 'table', 'mrt', 'avro', 'avro_json'],
    ...FORM,
  }),
  'avro-schema-file': Flags.string({
    summary: 'write the schema of avro and avro_json there as well',
    helpValue: 'FILE',
    ...FORM,
  }),
  separator: Flags.string({ summary: 'between the columns of csv; \\t is a tabulator', default: ',', ...FORM }),
  thousands: Flags.boolean({ summary: 'group the digits of counters in tables', ...FORM }),
  markers: Flags.boolean({
    summary: 'purge_init and purge_close (csv: --START and --END lines) around each file',
    ...FORM,
  }),
  'writer-id': Flags.string({ summary: 'writer_id of the markers', ...FORM }),
  ...TABLE_FLAGS,
}

interface Parsed {
  readonly [name: string]: unknown
}

function usage(flag: string, value: unknown, hint: string): ProblemError {
  return new ProblemError({ code: `usage/bad-${flag}`, message: `--${flag} "${String(value)}" is not possible`, hint })
}

function everyMs(value: unknown): number {
  if (value === undefined) return 0
  const seconds = durationSeconds(String(value))
  if (!seconds) throw usage('every', value, 'write a number and a unit: 30s, 5m, 1h, 1d, 1w')
  return seconds * 1000
}

function umask(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (!/^0?[0-7]{1,3}$/.test(String(value))) throw usage('umask', value, 'write it in octal: 027')
  return Number.parseInt(String(value), 8)
}

function format({ format: asked, file }: Parsed): DumpFormat {
  if (asked !== undefined) return asked as DumpFormat
  const name = String(file ?? '-')
  if (/\.csv$/i.test(name)) return 'csv'
  if (/\.mrt$/i.test(name)) return 'mrt'
  if (/\.avro$/i.test(name)) return 'avro'
  return name === '-' && process.stdout.isTTY ? 'table' : 'json'
}

function separator(value: unknown): string {
  const text = String(value).replaceAll('\\t', '\t')
  if (text.length !== 1 || '"\r\n'.includes(text)) throw usage('separator', value, 'choose one character: , ; | or \\t')
  return text
}

/** What Avro has no place for. */
function checkAvro(parsed: Parsed, form: DumpFormat): void {
  if (form !== 'avro' && form !== 'avro_json') return
  const flag = ['markers', 'compat', 'timestamps', 'encode'].find(name => parsed[name])
  if (flag !== undefined) throw usage(flag, form, `leave out --${flag}, or write another format`)
}

const wantsColor = (): boolean => process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

/** Options of the sink from parsed flags; throws a ProblemError. */
export function dumpOptions(parsed: Parsed): DumpOptions {
  const present = presentationOptions(parsed)
  const text = (name: string) => parsed[name] as string | undefined
  const form = format(parsed)
  checkAvro(parsed, form)
  return {
    format: form,
    table: tableOptions(parsed, form),
    file: text('file'),
    everyMs: everyMs(parsed.every),
    append: parsed.append === true,
    inPlace: parsed['in-place'] === true,
    fifo: parsed.fifo === true,
    latest: text('latest'),
    trigger: text('trigger'),
    umask: umask(parsed.umask),
    owner: ownerOption('owner', text('owner')),
    writeEmpty: parsed['write-empty'] === true,
    markers: parsed.markers === true,
    writerId: text('writer-id') ?? DUMP_DEFAULTS.writerId,
    localTime: parsed['local-time'] === true,
    fields: present.fields,
    timestamps: present.timestamps,
    present,
    schemaFile: text('avro-schema-file'),
    separator: separator(parsed.separator),
    thousands: parsed.thousands === true,
    color: wantsColor(),
  }
}
