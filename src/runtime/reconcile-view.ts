// What reconcile found, as a table for people.
import Table from 'cli-table3'
import type { NetRecord, Stream, Value } from '../contract/record.ts'

const HEAD = ['exporter', 'interface', '', 'flows', 'counters', 'ratio', 'cause', '', 'what the data says']
const LEFT = 'left' as const
const RIGHT = 'right' as const
const ALIGNMENTS = [LEFT, LEFT, LEFT, RIGHT, RIGHT, RIGHT, LEFT, LEFT, LEFT]
const EXPLANATION_COLUMNS = 60
/** Rows drawn; drawing holds all of them. */
const MAX_ROWS = 10_000
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** `12.3 GB`, thousands as counters of interfaces have them. */
function octets(value: Value | undefined): string {
  if (typeof value !== 'number') return ''
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)))
  return `${Number((value / 1000 ** power).toPrecision(3))} ${UNITS[power]}`
}

const shown = (value: Value | undefined): string => (value === undefined ? '' : String(value))

function interfaceText({ iface, iface_name: name }: NetRecord): string {
  if (iface === undefined) return shown(name)
  return name === undefined ? shown(iface) : `${shown(name)} (${shown(iface)})`
}

/** Words of a text in lines of so many columns. */
function wrapped(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string
    if (line !== '' && line.length + word.length >= EXPLANATION_COLUMNS) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join('\n')
}

function row(record: NetRecord): string[] {
  const { peer_ip_src, direction, bytes, counter_bytes, ratio, cause, confidence, explanation } = record
  return [
    shown(peer_ip_src),
    interfaceText(record),
    shown(direction),
    octets(bytes),
    octets(counter_bytes),
    shown(ratio),
    shown(cause),
    cause === 'agrees' ? '' : shown(confidence),
    cause === 'agrees' ? '' : wrapped(shown(explanation)),
  ]
}

export async function* reconcileView(stream: Stream): AsyncGenerator<string> {
  const table = new Table({ head: HEAD, colAligns: ALIGNMENTS, style: { head: [], border: [] } })
  let left = 0
  for await (const batch of stream) {
    for (const record of batch.records) {
      if (record.kind !== 'total') continue
      if (table.length < MAX_ROWS) table.push(row(record))
      else left++
    }
  }
  yield table.length === 0 ? 'no interfaces: no flows with interfaces, no counters\n' : `${table.toString()}\n`
  if (left > 0) yield `and ${left} more: read the NDJSON\n`
}
