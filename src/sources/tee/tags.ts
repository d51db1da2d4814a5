// The tag of a datagram, where the map asks only what the datagram as a whole can answer: exporter, version, source id.
import { isProblem, type Problem } from '../../contract/problem.ts'
import type { NetRecord } from '../../contract/record.ts'
import { type Column, makeColumn, putValue } from '../../fields/column.ts'
import type { PreTagMap } from '../../maps/pre-tag-map.ts'
import { emptyOutcome } from '../../maps/tag-action.ts'
import type { Tag } from '../../maps/tag-value.ts'
import { emptyHeader, readHeader } from '../../wire/flow/message.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import { SFLOW5 } from '../../wire/sflow/datagram.ts'

const OF_THE_EXPORTER: ReadonlySet<string> = new Set(['peer_ip_src'])
const OF_THE_DATAGRAM: ReadonlySet<string> = new Set(['peer_ip_src', 'export_proto_version', 'export_proto_sysid'])
/** Tags that are remembered; then all are asked for again. */
const TAGS = 65_536

/** Whether no row asks for what single flows have. */
export const isOfDatagrams = (map: PreTagMap): boolean => map.fields.every(({ name }) => OF_THE_DATAGRAM.has(name))

export class DatagramTags {
  readonly #map: PreTagMap
  readonly #columns: readonly Column[]
  readonly #byExporter: boolean
  readonly #tags = new Map<string, Tag | undefined>()
  readonly #outcome = emptyOutcome()
  readonly #header = emptyHeader()

  constructor(map: PreTagMap) {
    this.#map = map
    this.#columns = map.fields.map(field => makeColumn(field))
    this.#byExporter = map.fields.every(({ name }) => OF_THE_EXPORTER.has(name))
  }

  tagOf(view: DataView, start: number, end: number, exporter: Exporter): Tag | undefined {
    if (!this.#byExporter) this.#read(view, start, end)
    const { version, sysid } = this.#header
    const key = this.#byExporter ? exporter.address : `${exporter.address} ${version} ${sysid}`
    if (this.#tags.has(key)) return this.#tags.get(key)
    if (this.#tags.size >= TAGS) this.#tags.clear()
    const tag = this.#ask({ peer_ip_src: exporter.address, export_proto_version: version, export_proto_sysid: sysid })
    this.#tags.set(key, tag)
    return tag
  }

  #ask(record: NetRecord): Tag | undefined {
    const { fields } = this.#map
    for (const [index, field] of fields.entries()) {
      putValue(field, this.#columns[index] as Column, 0, record[field.name])
    }
    return this.#map.evaluate(this.#columns, 0, this.#outcome) ? this.#outcome.tag : undefined
  }

  /** Version and source id; what cannot be read has none. */
  #read(view: DataView, start: number, end: number): void {
    const header = this.#header
    const read: number | Problem = readHeader(view, start, end, header)
    if (!isProblem(read)) return
    header.version = header.sysid = 0
    if (end - start < 28 || view.getUint32(start) !== SFLOW5) return
    const address = view.getUint32(start + 4) === 2 ? 16 : 4
    header.version = SFLOW5
    header.sysid = view.getUint32(start + 8 + address)
  }
}
