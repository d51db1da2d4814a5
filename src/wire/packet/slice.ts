// Which packets stand behind records: by their number in the capture, else by ends and times, or as datagrams of exporters.
import type { NetRecord, Value } from '../../contract/record.ts'
import { PROTOCOL_NAMES } from '../../fields/protocols.ts'
import type { Frame } from './frame.ts'
import { addressText, type Headers } from './headers.ts'
import { SliceDatagrams } from './slice-datagrams.ts'

/** Records that are remembered; more are refused. */
export const SLICE_RECORDS = 1_000_000

/** From, to: Unix microseconds, both inclusive. */
type Window = readonly [fromUs: number, toUs: number]

type Part = (headers: Headers) => string | number

/** What records may say of the ends, with the field that says it of the other direction. */
const PARTS: readonly (readonly [field: string, reverse: string, part: Part])[] = [
  ['ip_src', 'ip_dst', headers => addressText(headers, headers.source)],
  ['ip_dst', 'ip_src', headers => addressText(headers, headers.destination)],
  ['ip_proto', 'ip_proto', headers => PROTOCOL_NAMES[headers.protocol] ?? ''],
  ['port_src', 'port_dst', headers => headers.sourcePort],
  ['port_dst', 'port_src', headers => headers.destinationPort],
]

/** A port of ICMP is a type and code, or 0: it says nothing of ports. */
const WITHOUT_PORTS: ReadonlySet<Value> = new Set(['icmp', 'ipv6-icmp'])

function partOf(record: NetRecord, field: string): Value | undefined {
  if (field.startsWith('port_') && WITHOUT_PORTS.has(record.ip_proto as Value)) return undefined
  return record[field]
}

/** Records that say the same parts. */
interface Shape {
  readonly parts: readonly Part[]
  readonly windows: Map<string, Window[]>
}

const microseconds = (value: Value | undefined): number | undefined =>
  typeof value === 'number' ? Math.round(value * 1e6) : undefined

export class Slice {
  readonly #slackUs: number
  readonly #numbers = new Set<number>()
  readonly #shapes = new Map<string, Shape>()
  readonly #datagrams: SliceDatagrams
  records = 0

  /** Times of records may be off by so much: exporters that count in seconds. `templates` as SliceDatagrams has it. */
  constructor(slackUs: number, templates = false) {
    this.#slackUs = slackUs
    this.#datagrams = new SliceDatagrams(templates)
  }

  /** False when the record says neither a number nor ends nor its datagram, or there are too many. */
  add(record: NetRecord): boolean {
    if (this.records >= SLICE_RECORDS) return false
    const number = record.frame_number
    if (typeof number === 'number') this.#numbers.add(number)
    else {
      // Of a record of flow-recv: its datagram, or the packets that its exporter saw, whichever the capture has.
      const isOfDatagram = this.#datagrams.add(record)
      const hasEnds = this.#addEnds(record, false)
      if (!isOfDatagram && !hasEnds) return false
      if (hasEnds && record.packets_reverse !== undefined) this.#addEnds(record, true)
    }
    this.records++
    return true
  }

  #addEnds(record: NetRecord, isReverse: boolean): boolean {
    const said = PARTS.map(([field, reverse, part]) => ({ value: partOf(record, isReverse ? reverse : field), part }))
    const known = said.filter(({ value }) => value !== undefined && value !== '')
    if (known.length === 0) return false
    const name = said.map(({ value }) => (value === undefined || value === '' ? 0 : 1)).join('')
    let shape = this.#shapes.get(name)
    if (!shape) {
      shape = { parts: known.map(({ part }) => part), windows: new Map() }
      this.#shapes.set(name, shape)
    }
    const key = known.map(({ value }) => String(value)).join(' ')
    const windows = shape.windows.get(key)
    const window = this.#window(record)
    if (windows) windows.push(window)
    else shape.windows.set(key, [window])
    return true
  }

  /** A record without times stands for all of them. */
  #window(record: NetRecord): Window {
    const arrival = microseconds(record.timestamp_arrival)
    const from = microseconds(record.timestamp_start) ?? arrival ?? Number.NEGATIVE_INFINITY
    const to = microseconds(record.timestamp_end) ?? arrival ?? Number.POSITIVE_INFINITY
    return [from - this.#slackUs, to + this.#slackUs]
  }

  holds(frame: Frame): boolean {
    if (this.#numbers.has(frame.number)) return true
    const { outer } = frame.packet
    for (const { parts, windows } of this.#shapes.values()) {
      const found = windows.get(parts.map(part => String(part(outer))).join(' '))
      if (found?.some(([from, to]) => from <= frame.timeUs && frame.timeUs <= to)) return true
    }
    return this.#datagrams.holds(frame)
  }
}
