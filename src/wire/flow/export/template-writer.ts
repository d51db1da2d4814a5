// NetFlow v9 (RFC 3954) and IPFIX (RFC 7011) messages of records: a template for each list of elements that comes.
import { type Column, IPV6, isAbsent } from '../../../fields/column.ts'
import { fieldOf } from '../../../fields/dictionary.ts'
import type { Field } from '../../../fields/field.ts'
import { ABSENT_KIND, type ExportElement, type ExportField, UNSAYABLE } from './elements.ts'
import { exportFields } from './export-fields.ts'
import { MessageBuilder } from './message-builder.ts'
import { NamesOfRecords } from './names-of-records.ts'
import type { Drop, ExportOptions, FlowWriter, Give, Left } from './options.ts'
import { OptionsData } from './options-data.ts'
import { samplerField } from './sampler-field.ts'
import { isDue, recordTemplate, type SentTemplate, sendTemplate, TemplateIds } from './templates.ts'
import { timeFields, Uptime } from './times.ts'

/** Lists of elements; then all are forgotten, and get templates with other ids. */
const TEMPLATES = 512
const RECORD_OCTETS = 65_536
/** Records of these are no flows. */
const NOT_FLOWS: ReadonlySet<unknown> = new Set(['counters', 'option', 'log', 'dump', 'log_init', 'log_close'])

interface RecordTemplate {
  readonly sent: SentTemplate
  readonly fields: readonly { readonly place: number; readonly kind: number; readonly of: ExportField }[]
}

/** Two fields that one element fills (vlan, vlan_in): once, unless it is that of the header in the tunnel. */
function taken(used: Set<string>, elements: readonly ExportElement[], of: ExportField): boolean {
  const keys = elements.map(({ id, pen }) => `${pen} ${id} ${of.outer ?? ''}`)
  if (keys.some(key => used.has(key))) return true
  for (const key of keys) used.add(key)
  return false
}

export class TemplateWriter implements FlowWriter {
  readonly fields: readonly Field[]
  readonly implied: ReadonlySet<string> = new Set(['mpls_vpn_rd_origin'])
  readonly #fields: readonly ExportField[]
  /** Where the field stands that says what this one says; -1 = none. */
  readonly #impliedBy: readonly number[]
  readonly #outer: readonly number[]
  readonly #version: number
  readonly #options: ExportOptions
  readonly #uptime = new Uptime()
  readonly #ids = new TemplateIds()
  readonly #templates = new Map<string, RecordTemplate>()
  readonly #builder: MessageBuilder
  readonly #optionsData: OptionsData
  readonly #names: NamesOfRecords
  readonly #eventType: number
  readonly #octets = new Uint8Array(RECORD_OCTETS)
  readonly #view = new DataView(this.#octets.buffer)
  /** Of the row before, too: rows that are alike have one template, found without looking. */
  readonly #kinds: Int32Array
  #template: RecordTemplate | undefined
  /** Fields that rows of the batch have. */
  #present: readonly number[] = []

  constructor(version: number, options: ExportOptions, give: Give, _drop: Drop) {
    this.#version = version
    this.#options = options
    this.#builder = new MessageBuilder(version, options, give, this.#uptime)
    this.#optionsData = new OptionsData(version, options, this.#builder, this.#ids)
    const fields = exportFields(version).map(field =>
      options.samplers && field.field.name === 'sampling_rate' ? samplerField(version, this.#optionsData) : field,
    )
    this.#fields = [...fields, ...timeFields(version, this.#uptime, options.microseconds)]
    const place = (name: string | undefined): number => this.#fields.findIndex(({ field }) => field.name === name)
    this.#impliedBy = this.#fields.map(({ impliedBy }) => place(impliedBy))
    this.#outer = this.#fields.map(({ outer }) => place(outer))
    this.#names = new NamesOfRecords(this.#fields.length, place, this.#optionsData)
    this.#eventType = this.#fields.length + this.#names.fields.length
    this.fields = [...this.#fields.map(({ field }) => field), ...this.#names.fields, fieldOf('event_type')]
    this.#kinds = new Int32Array(this.#fields.length)
  }

  begin(nowMs: number, present: readonly number[]): void {
    this.#builder.nowMs = nowMs
    this.#uptime.at(nowMs)
    this.#present = present.filter(place => place < this.#fields.length)
    this.#kinds.fill(ABSENT_KIND)
    this.#template = undefined
  }

  add(columns: readonly Column[], row: number, left: Left): string | undefined {
    if (this.#isNoFlow(columns, row)) return 'not-a-flow'
    const template = this.#templateOf(columns, row, left)
    if (template.fields.length === 0) return 'no-element'
    let at = 0
    for (const { place, kind, of } of template.fields)
      at = of.write(columns[place] as Column, row, kind, this.#view, at)
    const builder = this.#builder
    if (!builder.holds(at) || !builder.holds(template.sent.octets.length)) return 'larger-than-message'
    this.#names.see(columns, row, left)
    this.#optionsData.sendDue()
    if (isDue(template.sent, this.#options, builder)) sendTemplate(template.sent, builder)
    builder.put(template.sent.id, this.#octets, at, true)
    return undefined
  }

  #isNoFlow(columns: readonly Column[], row: number): boolean {
    const column = columns[this.#eventType]
    const event = column?.lane === 'value' ? column.values[row] : undefined
    return event !== undefined && NOT_FLOWS.has(event)
  }

  #templateOf(columns: readonly Column[], row: number, left: Left): RecordTemplate {
    const kinds = this.#kinds
    let isNew = this.#template === undefined
    for (const place of this.#present) {
      const kind = this.#kindOf(place, columns[place] as Column, row)
      if (kind === UNSAYABLE) left((this.#fields[place] as ExportField).field.name)
      const own = Math.max(kind, ABSENT_KIND)
      if (kinds[place] === own) continue
      kinds[place] = own
      isNew = true
    }
    if (isNew || !this.#template) this.#template = this.#known(columns)
    return this.#template
  }

  #kindOf(place: number, column: Column, row: number): number {
    const kinds = this.#kinds
    if (isAbsent(column, row) || (kinds[this.#impliedBy[place] as number] ?? ABSENT_KIND) > ABSENT_KIND)
      return ABSENT_KIND
    const of = this.#fields[place] as ExportField
    const isAlone = of.outer !== undefined && !((kinds[this.#outer[place] as number] as number) > 0)
    return isAlone ? UNSAYABLE : of.kind(column, row)
  }

  #known(columns: readonly Column[]): RecordTemplate {
    let key = ''
    let family = 4
    for (const place of this.#present) {
      const kind = this.#kinds[place] as number
      if (kind <= ABSENT_KIND) continue
      key += String.fromCharCode(place, kind)
      const { outer, field } = this.#fields[place] as ExportField
      const isIpv6 = columns[place]?.lane === 'address' && kind === IPV6
      if (isIpv6 && outer === undefined && field.name !== 'peer_ip_src') family = 6
    }
    return this.#templates.get(key) ?? this.#make(key, family)
  }

  #make(key: string, family: number): RecordTemplate {
    const used = new Set<string>()
    const fields: RecordTemplate['fields'][number][] = []
    const elements: ExportElement[] = []
    for (const [place, of] of this.#fields.entries()) {
      const kind = this.#kinds[place] as number
      if (kind <= ABSENT_KIND) continue
      const own = of.elements(kind, family)
      if (taken(used, own, of)) continue
      fields.push({ place, kind, of })
      elements.push(...own)
    }
    if (this.#templates.size >= TEMPLATES) this.#templates.clear()
    const template = { fields, sent: recordTemplate(this.#version, this.#ids.take(), elements) }
    this.#templates.set(key, template)
    return template
  }

  rename(): void {
    this.#optionsData.nameInterfaces()
  }

  announce(): void {
    for (const { sent } of this.#templates.values()) sendTemplate(sent, this.#builder)
    this.#optionsData.sendAll()
    this.#builder.flush()
  }

  flush(): void {
    this.#builder.flush()
  }
}
