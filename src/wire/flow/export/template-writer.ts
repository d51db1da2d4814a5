// NetFlow v9 (RFC 3954) and IPFIX (RFC 7011) messages of records: a template for each list of fields that comes.
import { type Column, IPV6, isAbsent } from '../../../fields/column.ts'
import type { Field } from '../../../fields/field.ts'
import { IPFIX } from '../message.ts'
import { type ExportElement, type ExportField, exportFields } from './elements.ts'
import type { Drop, ExportOptions, FlowWriter, Give } from './options.ts'
import { timeFields, Uptime } from './times.ts'

const FIRST_TEMPLATE = 256
const LARGEST_TEMPLATE = 65_535
/** Lists of fields; then all are forgotten, and get templates with other ids. */
const TEMPLATES = 512
const SET_HEADER_OCTETS = 4
const IPFIX_HEADER_OCTETS = 16
const NETFLOW9_HEADER_OCTETS = 20
const ENTERPRISE_BIT = 0x8000

interface Template {
  readonly id: number
  readonly fields: readonly { readonly place: number; readonly element: ExportElement; readonly of: ExportField }[]
  readonly recordOctets: number
  readonly octets: Uint8Array
  /** Record time when it was sent last; -1 = never. */
  sentMs: number
}

export class TemplateWriter implements FlowWriter {
  readonly fields: readonly Field[]
  readonly implied: ReadonlySet<string> = new Set()
  readonly #fields: readonly ExportField[]
  readonly #version: number
  readonly #options: ExportOptions
  readonly #give: Give
  readonly #uptime = new Uptime()
  readonly #templates = new Map<string, Template>()
  readonly #view: DataView
  readonly #octets: Uint8Array
  readonly #headerOctets: number
  #nextId = FIRST_TEMPLATE
  #at: number
  #setAt = 0
  #setId = 0
  /** Records of the message, and those of them that are data. */
  #records = 0
  #data = 0
  #sequence = 0
  #nowMs = 0

  constructor(version: number, options: ExportOptions, give: Give, _drop: Drop) {
    this.#version = version
    this.#options = options
    this.#give = give
    this.#fields = [...exportFields(version), ...timeFields(version, this.#uptime)]
    this.fields = this.#fields.map(({ field }) => field)
    this.#octets = new Uint8Array(options.messageOctets)
    this.#view = new DataView(this.#octets.buffer)
    this.#headerOctets = version === IPFIX ? IPFIX_HEADER_OCTETS : NETFLOW9_HEADER_OCTETS
    this.#at = this.#headerOctets
  }

  setClock(nowMs: number): void {
    this.#nowMs = nowMs
    this.#uptime.at(nowMs)
  }

  add(columns: readonly Column[], row: number, left: (field: string) => void): string | undefined {
    const template = this.#templateOf(columns, row)
    if (template.fields.length === 0) return 'no-element'
    if (
      template.recordOctets + 2 * SET_HEADER_OCTETS + template.octets.length + this.#headerOctets >
      this.#octets.length
    ) {
      return 'larger-than-message'
    }
    const isDue = template.sentMs < 0 || this.#nowMs - template.sentMs >= this.#options.refreshMs
    const needed = template.recordOctets + SET_HEADER_OCTETS + (isDue ? template.octets.length + SET_HEADER_OCTETS : 0)
    // Padding of v9 may take 3 octets more.
    if (this.#at + needed + 3 > this.#octets.length) this.flush()
    if (isDue) this.#announce(template)
    if (this.#setId !== template.id) this.#openSet(template.id)
    this.#octets.fill(0, this.#at, this.#at + template.recordOctets)
    for (const { place, element, of } of template.fields) {
      if (!of.write(columns[place] as Column, row, this.#view, this.#at)) left(of.field.name)
      this.#at += element.octets
    }
    this.#records++
    this.#data++
    return undefined
  }

  #templateOf(columns: readonly Column[], row: number): Template {
    let key = ''
    let family = 4
    for (let place = 0; place < this.#fields.length; place++) {
      const column = columns[place] as Column
      if (isAbsent(column, row)) continue
      key += String.fromCharCode(place)
      if (column.lane !== 'address') continue
      const isSix = column.family[row] === IPV6
      key += isSix ? '6' : '4'
      const { name } = (this.#fields[place] as ExportField).field
      if (isSix && name !== 'peer_ip_src') family = 6
    }
    const known = this.#templates.get(key)
    return known ?? this.#make(key, columns, row, family)
  }

  #make(key: string, columns: readonly Column[], row: number, family: number): Template {
    const used = new Set<string>()
    const fields: Template['fields'][number][] = []
    for (const [place, of] of this.#fields.entries()) {
      const column = columns[place] as Column
      if (isAbsent(column, row)) continue
      const isSix = column.lane === 'address' ? column.family[row] === IPV6 : family === 6
      const element = isSix ? of.of6 : of.of4
      // Two fields that one element fills (vlan, vlan_in): once.
      if (used.has(`${element.pen} ${element.id}`)) continue
      used.add(`${element.pen} ${element.id}`)
      fields.push({ place, element, of })
    }
    if (this.#templates.size >= TEMPLATES) this.#templates.clear()
    if (this.#nextId > LARGEST_TEMPLATE) this.#nextId = FIRST_TEMPLATE
    const id = this.#nextId++
    const recordOctets = fields.reduce((sum, { element }) => sum + element.octets, 0)
    const octets = templateOctets(
      id,
      fields.map(({ element }) => element),
    )
    const template = { id, fields, recordOctets, octets, sentMs: -1 }
    this.#templates.set(key, template)
    return template
  }

  announce(): void {
    for (const template of this.#templates.values()) {
      if (this.#at + template.octets.length + SET_HEADER_OCTETS + 3 > this.#octets.length) this.flush()
      this.#announce(template)
    }
    this.flush()
  }

  #announce(template: Template): void {
    this.#openSet(this.#version === IPFIX ? 2 : 0)
    this.#octets.set(template.octets, this.#at)
    this.#at += template.octets.length
    this.#records++
    template.sentMs = this.#nowMs
  }

  #openSet(id: number): void {
    this.#closeSet()
    this.#setAt = this.#at
    this.#setId = id
    this.#view.setUint16(this.#at, id)
    this.#at += SET_HEADER_OCTETS
  }

  /** Sets of v9 are padded to words (RFC 3954 section 5.3); those of IPFIX may be as they are. */
  #closeSet(): void {
    if (this.#setAt === 0) return
    while (this.#version !== IPFIX && this.#at % 4 !== 0) this.#octets[this.#at++] = 0
    this.#view.setUint16(this.#setAt + 2, this.#at - this.#setAt)
    this.#setAt = 0
    this.#setId = 0
  }

  flush(): void {
    this.#closeSet()
    if (this.#records === 0) return
    const view = this.#view
    const seconds = Math.floor(this.#nowMs / 1000)
    view.setUint16(0, this.#version)
    if (this.#version === IPFIX) {
      view.setUint16(2, this.#at)
      view.setUint32(4, seconds)
      view.setUint32(8, this.#sequence)
      view.setUint32(12, this.#options.domain)
      // Data records so far (RFC 7011 section 3.1).
      this.#sequence = (this.#sequence + this.#data) >>> 0
    } else {
      view.setUint16(2, this.#records)
      // Whole seconds of both clocks belong together.
      view.setUint32(4, this.#uptime.at(this.#nowMs) - (this.#nowMs % 1000))
      view.setUint32(8, seconds)
      view.setUint32(12, this.#sequence)
      view.setUint32(16, this.#options.domain)
      this.#sequence = (this.#sequence + 1) >>> 0
    }
    this.#give(this.#octets.slice(0, this.#at), this.#data)
    this.#at = this.#headerOctets
    this.#records = this.#data = 0
  }
}

function templateOctets(id: number, elements: readonly ExportElement[]): Uint8Array {
  const octets = elements.reduce((sum, { pen }) => sum + (pen === 0 ? 4 : 8), 4)
  const view = new DataView(new ArrayBuffer(octets))
  view.setUint16(0, id)
  view.setUint16(2, elements.length)
  let at = 4
  for (const element of elements) {
    view.setUint16(at, element.id | (element.pen === 0 ? 0 : ENTERPRISE_BIT))
    view.setUint16(at + 2, element.octets)
    at += 4
    if (element.pen === 0) continue
    view.setUint32(at, element.pen)
    at += 4
  }
  return new Uint8Array(view.buffer)
}
