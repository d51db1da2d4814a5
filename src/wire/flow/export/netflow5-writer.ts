// NetFlow v5 messages of records: 48 octets each, IPv4 only, 32-bit counters.
import { type Column, IPV4, isAbsent, NO_ADDRESS } from '../../../fields/column.ts'
import { fieldOf } from '../../../fields/dictionary.ts'
import type { Field } from '../../../fields/field.ts'
import { HEADER_OCTETS, NETFLOW5, NETFLOW5_RECORD_OCTETS } from '../message.ts'
import type { ExportOptions, FlowWriter, Give } from './options.ts'
import { Uptime } from './times.ts'

/** Most records of a message. */
const RECORDS = 30
const HEADER = HEADER_OCTETS[NETFLOW5] as number
/** RFC 6793: what stands for an AS above 65535. */
const AS_TRANS = 23_456

/** Field, place in the record, octets. */
const NUMBERS: readonly (readonly [name: string, at: number, octets: 1 | 2 | 4])[] = [
  ['iface_in', 12, 2],
  ['iface_out', 14, 2],
  ['packets', 16, 4],
  ['bytes', 20, 4],
  ['port_src', 32, 2],
  ['port_dst', 34, 2],
  ['tcp_flags', 37, 1],
  ['ip_proto', 38, 1],
  ['tos', 39, 1],
  ['as_src', 40, 2],
  ['as_dst', 42, 2],
  ['mask_src', 44, 1],
  ['mask_dst', 45, 1],
]
const ADDRESSES: readonly (readonly [name: string, at: number])[] = [
  ['ip_src', 0],
  ['ip_dst', 4],
  ['ip_next_hop', 8],
]
const TIMES: readonly (readonly [name: string, at: number])[] = [
  ['timestamp_start', 24],
  ['timestamp_end', 28],
]
const COUNTERS: ReadonlySet<string> = new Set(['packets', 'bytes'])
const SYSTEMS: ReadonlySet<string> = new Set(['as_src', 'as_dst'])

export class Netflow5Writer implements FlowWriter {
  readonly fields: readonly Field[] = [...ADDRESSES, ...NUMBERS, ...TIMES].map(([name]) => fieldOf(name))
  readonly implied: ReadonlySet<string> = new Set(['flows', 'etype'])
  readonly #options: ExportOptions
  readonly #give: Give
  readonly #uptime = new Uptime()
  readonly #octets = new Uint8Array(HEADER + RECORDS * NETFLOW5_RECORD_OCTETS)
  readonly #view = new DataView(this.#octets.buffer)
  readonly #most: number
  #count = 0
  #sequence = 0
  #nowMs = 0

  constructor(options: ExportOptions, give: Give) {
    this.#options = options
    this.#give = give
    this.#most = Math.min(RECORDS, Math.floor((options.messageOctets - HEADER) / NETFLOW5_RECORD_OCTETS))
  }

  begin(nowMs: number): void {
    this.#nowMs = nowMs
    this.#uptime.at(nowMs)
  }

  add(columns: readonly Column[], row: number, left: (field: string) => void): string | undefined {
    const at = HEADER + this.#count * NETFLOW5_RECORD_OCTETS
    this.#octets.fill(0, at, at + NETFLOW5_RECORD_OCTETS)
    // A record of zeros says nothing.
    if (this.fields.every((_, own) => isAbsent(columns[own] as Column, row))) return 'no-element'
    let place = 0
    for (const [name, offset] of ADDRESSES) {
      const column = columns[place++]
      if (column?.lane !== 'address' || column.family[row] === NO_ADDRESS) continue
      if (column.family[row] === IPV4) this.#view.setUint32(at + offset, column.words[4 * row] as number)
      else if (name === 'ip_next_hop') left(name)
      else return 'ipv6'
    }
    for (const [name, offset, octets] of NUMBERS) {
      const column = columns[place++]
      if (column?.lane !== 'number') continue
      const value = column.numbers[row] as number
      if (Number.isNaN(value)) continue
      if (value < 2 ** (8 * octets)) this.#put(at + offset, octets, value)
      else if (COUNTERS.has(name)) return 'counter-above-32-bits'
      else {
        if (SYSTEMS.has(name)) this.#put(at + offset, octets, AS_TRANS)
        left(name)
      }
    }
    for (const [name, offset] of TIMES) {
      const column = columns[place++]
      if (column?.lane !== 'number' || Number.isNaN(column.numbers[row])) continue
      const uptimeMs = Math.floor((column.numbers[row] as number) / 1000) - this.#uptime.bootMs
      if (uptimeMs >= 0 && uptimeMs < 2 ** 32) this.#view.setUint32(at + offset, uptimeMs)
      else left(name)
    }
    if (++this.#count === this.#most) this.flush()
    return undefined
  }

  #put(at: number, octets: 1 | 2 | 4, value: number): void {
    if (octets === 1) this.#view.setUint8(at, value)
    else if (octets === 2) this.#view.setUint16(at, value)
    else this.#view.setUint32(at, value)
  }

  announce(): void {
    // v5 explains itself.
  }

  flush(): void {
    if (this.#count === 0) return
    const view = this.#view
    view.setUint16(0, NETFLOW5)
    view.setUint16(2, this.#count)
    view.setUint32(4, this.#uptime.at(this.#nowMs))
    view.setUint32(8, Math.floor(this.#nowMs / 1000))
    view.setUint32(12, (this.#nowMs % 1000) * 1e6)
    view.setUint32(16, this.#sequence)
    view.setUint16(20, this.#options.domain)
    this.#sequence = (this.#sequence + this.#count) >>> 0
    this.#give(this.#octets.slice(0, HEADER + this.#count * NETFLOW5_RECORD_OCTETS), this.#count)
    this.#count = 0
  }
}
