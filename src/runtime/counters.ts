// What one stage counted, and how that is written: JSON for people and ledgers, Prometheus text for scrapers.
import type { Reading } from '../contract/host.ts'

/** Reasons for which a stage leaves records out because it was told to; not a loss. */
const INTENDED = new Set([
  'filtered',
  'tag-filter',
  'sampled',
  'preprocess',
  'top',
  'duplicate',
  'late',
  'other-event',
  'reader-left',
])

/** Names that have a place of their own in the balance: in + created = out + dropped + merged + held. */
const BALANCE = ['in', 'created', 'out', 'merged', 'held'] as const
const DROPPED = 'dropped/'

export interface StageCounters {
  readonly command: string
  readonly counters: ReadonlyMap<string, number>
  readonly readings: readonly Reading[]
}

export interface StageStats {
  event_type: 'stats'
  command: string
  pid: number
  time: number
  in: number
  created: number
  out: number
  merged: number
  held: number
  dropped: { [reason: string]: number }
  /** in + created - out - dropped - merged - held: anything but 0 is a bug. */
  balance: number
  counters: { [name: string]: number }
  readings: Reading[]
}

/** The counters of a stage as they are printed on SIGUSR1, with --stats, and into the ledger. Time in Unix seconds. */
export function stats(stage: StageCounters): StageStats {
  const dropped: { [reason: string]: number } = {}
  const counters: { [name: string]: number } = {}
  const balance = { in: 0, created: 0, out: 0, merged: 0, held: 0 }
  let droppedAll = 0
  for (const [name, value] of stage.counters) {
    const term = BALANCE.find(known => known === name)
    if (term) balance[term] = value
    else if (name.startsWith(DROPPED)) {
      dropped[name.slice(DROPPED.length)] = value
      droppedAll += value
    } else counters[name] = value
  }
  return {
    event_type: 'stats',
    command: stage.command,
    pid: process.pid,
    time: Date.now() / 1000,
    ...balance,
    dropped,
    balance: balance.in + balance.created - balance.out - droppedAll - balance.merged - balance.held,
    counters,
    readings: [...stage.readings],
  }
}

/** One sentence when records were lost, else undefined. */
export function lossSentence(stage: StageCounters): string | undefined {
  const { dropped, counters } = stats(stage)
  const lost = Object.entries(dropped).filter(([reason]) => !INTENDED.has(reason))
  const unseen = Object.entries(counters).filter(([name]) => name.startsWith('lost/'))
  if (lost.length + unseen.length === 0) return undefined
  const parts = [
    ...lost.map(([reason, count]) => `${count} dropped (${reason})`),
    ...unseen.map(([name, count]) => `${count} never arrived (${name.slice('lost/'.length)})`),
  ]
  return `${stage.command}: ${parts.join(', ')}; --stats has all counters`
}

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

function sample(name: string, labels: { readonly [label: string]: string }, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  return `${name}{${pairs.join(',')}} ${value}`
}

const metricName = (name: string): string => `netally_${name.replaceAll(/[^a-zA-Z0-9]+/g, '_')}`

/** Prometheus text exposition (format 0.0.4) of all stages; families stand together. */
export function exposition(stages: readonly StageCounters[]): string {
  const families = new Map<string, string[]>()
  const put = (family: string, labels: { readonly [label: string]: string }, value: number) => {
    const lines = families.get(family) ?? []
    lines.push(sample(family, labels, value))
    families.set(family, lines)
  }
  stages.forEach((stage, index) => {
    const where = { command: stage.command, stage: String(index) }
    for (const [name, value] of stage.counters) {
      if (name.startsWith(DROPPED)) {
        put('netally_records_dropped_total', { ...where, reason: name.slice(DROPPED.length) }, value)
      } else if (name === 'held') put('netally_records_held', where, value)
      else if (BALANCE.some(known => known === name)) put(`netally_records_${name}_total`, where, value)
      else put(`${metricName(name)}_total`, where, value)
    }
    for (const reading of stage.readings) put(metricName(reading.name), { ...where, ...reading.labels }, reading.value)
  })
  put('netally_memory_resident_octets', {}, process.memoryUsage.rss())
  return [...families]
    .map(
      ([family, lines]) => `# TYPE ${family} ${family.endsWith('_total') ? 'counter' : 'gauge'}\n${lines.join('\n')}\n`,
    )
    .join('')
}
