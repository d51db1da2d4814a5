// The flags of sinks that run a program after records were stored, and what they mean.
import { Flags } from '@oclif/core'
import type { TriggerOptions } from '../sinks/bin-trigger.ts'
import { tableNames } from '../sinks/table/names.ts'
import type { ParsedOptions } from './parsed.ts'
import { durationMs } from './quantities.ts'

export const triggerFlags = (helpGroup: string) => ({
  trigger: Flags.string({
    summary: 'run a program after the records of a bin were stored; its argument is the table, the topic, ...',
    helpValue: 'PROGRAM',
    helpGroup,
  }),
  'trigger-every': Flags.string({
    summary: 'run it at most so often, for what was stored since, instead of after each bin',
    helpValue: '1h',
    dependsOn: ['trigger'],
    helpGroup,
  }),
})

/** Flags that say where records go, in the order in which they are believed. */
const PLACES = [
  'table',
  'topic',
  'exchange',
  'datasource',
  'index',
  'data-stream',
  'subject',
  'list',
  'channel',
  'stream',
  'measurement',
  'metric',
]

function placeName(parsed: ParsedOptions): TriggerOptions['place'] {
  const flag = PLACES.find(name => parsed[name] !== undefined)
  const template = flag === undefined ? '' : String(parsed[flag])
  if (flag !== 'table' || !template.includes('%')) return () => template
  const everyMs = parsed.every === undefined ? 0 : durationMs('every', parsed.every)
  const names = tableNames({ template, everyMs, localTime: parsed['local-time'] === true })
  return binMs => (binMs > 0 ? names.of({ stamp_inserted: binMs / 1000 }, 0) : template)
}

/** What the flags say; throws a ProblemError. */
export function triggerOptions(parsed: ParsedOptions): TriggerOptions | undefined {
  if (parsed.trigger === undefined) return undefined
  const every = parsed['trigger-every']
  return {
    program: String(parsed.trigger),
    everyMs: every === undefined ? undefined : durationMs('trigger-every', every),
    place: placeName(parsed),
  }
}
