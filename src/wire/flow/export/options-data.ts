// Options data: what a collector can know of the exporter beside its records. Names of interfaces and VRFs, samplers, what was
// exported, and what the elements of an enterprise are. Each record is sent when it is new, and again with the templates.
import { PMACCT_PEN } from '../../../fields/element.ts'
import { IPFIX } from '../message.ts'
import { type ExportElement, putWhole, VARIABLE } from './elements.ts'
import type { MessageBuilder } from './message-builder.ts'
import { putVariable } from './octet-fields.ts'
import type { ExportOptions } from './options.ts'
import { isDue, optionsTemplate, type SentTemplate, sendTemplate, type TemplateIds } from './templates.ts'

/** Records of one kind; more are left out. */
const RECORDS = 16_384
/** Names of v9 have a fixed length; longer ones are cut. */
const NAME_OCTETS = 64
/** v9 scopes (RFC 3954 section 6.1). */
const SCOPE_SYSTEM = 1
const SCOPE_INTERFACE = 2
const SYSTEMATIC_COUNT = 1
/** FLOW_SAMPLER_MODE of the element that goes with it: one of so many, as it happens. */
const RANDOM = 2

type Value = number | string

interface OptionsRecord {
  readonly template: SentTemplate
  readonly elements: readonly ExportElement[]
  values: readonly Value[]
  sentMs: number
  sentMessage: number
}

const encoder = new TextEncoder()
const number = (id: number, octets: number): ExportElement => ({ id, pen: 0, octets })

/** Scope and other elements, of v9 and of IPFIX. */
interface Kind {
  readonly [version: number]: { readonly scope: readonly ExportElement[]; readonly elements: readonly ExportElement[] }
}

const text9 = (id: number): ExportElement => ({ id, pen: 0, octets: NAME_OCTETS })
const text10 = (id: number): ExportElement => ({ id, pen: 0, octets: VARIABLE })

const KINDS = {
  interface: {
    9: { scope: [number(SCOPE_INTERFACE, 4)], elements: [text9(82)] },
    10: { scope: [number(10, 4)], elements: [text10(82)] },
  },
  vrf: {
    9: { scope: [number(SCOPE_SYSTEM, 4)], elements: [number(234, 4), text9(236)] },
    10: { scope: [number(234, 4)], elements: [text10(236)] },
  },
  // v9: sampler, mode, interval; IPFIX: selector report of PSAMP (RFC 5476 section 6.5.2): one packet, then so many not.
  sampler: {
    9: { scope: [number(SCOPE_SYSTEM, 4)], elements: [number(48, 2), number(49, 1), number(50, 4)] },
    10: { scope: [number(302, 4)], elements: [number(304, 2), number(305, 4), number(306, 4)] },
  },
  // Of the exporting process (RFC 7011 section 4.1): octets, messages, records.
  statistics: {
    9: { scope: [number(SCOPE_SYSTEM, 4)], elements: [number(40, 4), number(41, 4), number(42, 4)] },
    10: { scope: [number(149, 4)], elements: [number(40, 8), number(41, 8), number(42, 8)] },
  },
  // RFC 5610 section 3.9: enterprise and element; data type, semantics, name.
  elementType: {
    9: { scope: [], elements: [] },
    10: { scope: [number(346, 4), number(303, 2)], elements: [number(339, 1), number(344, 1), text10(341)] },
  },
} satisfies { readonly [name: string]: Kind }
type KindName = keyof typeof KINDS

const UNSIGNED64 = 4
const STRING = 13
const IDENTIFIER = 4
const ELEMENT_TYPES: readonly (readonly Value[])[] = [
  [PMACCT_PEN, 1, UNSIGNED64, IDENTIFIER, 'tag'],
  [PMACCT_PEN, 2, UNSIGNED64, IDENTIFIER, 'tag2'],
  [PMACCT_PEN, 3, STRING, 0, 'label'],
]

export class OptionsData {
  readonly #version: number
  readonly #options: ExportOptions
  readonly #builder: MessageBuilder
  readonly #ids: TemplateIds
  readonly #templates = new Map<KindName, SentTemplate>()
  readonly #records = new Map<string, OptionsRecord>()
  /** Sampling rate: the number of its sampler. */
  readonly #samplers = new Map<number, number>()
  readonly #scratch = new Uint8Array(2048)
  /** Some record was never sent. */
  #isNew = false
  readonly #sent = { sentMs: -1, sentMessage: 0 }

  constructor(version: number, options: ExportOptions, builder: MessageBuilder, ids: TemplateIds) {
    this.#version = version
    this.#options = options
    this.#builder = builder
    this.#ids = ids
    this.nameInterfaces()
    if (options.elementTypes && version === IPFIX)
      for (const row of ELEMENT_TYPES) this.#put('elementType', `${row[1]}`, row)
  }

  #put(kind: KindName, key: string, values: readonly Value[]): boolean {
    const name = `${kind} ${key}`
    const known = this.#records.get(name)
    if (known) {
      if (known.values.every((value, index) => value === values[index])) return true
      known.values = values
      known.sentMs = -1
      this.#isNew = true
      return true
    }
    if (this.#records.size >= RECORDS) return false
    const { scope, elements } = (KINDS[kind] as Kind)[this.#version] as Kind[number]
    let template = this.#templates.get(kind)
    if (!template) {
      template = optionsTemplate(this.#version, this.#ids.take(), scope, elements)
      this.#templates.set(kind, template)
    }
    this.#records.set(name, { template, elements: [...scope, ...elements], values, sentMs: -1, sentMessage: 0 })
    this.#isNew = true
    return true
  }

  nameInterfaces(): void {
    for (const [index, name] of this.#options.interfaces(undefined)) this.interfaceName(index, name)
  }

  /** False when it cannot be kept. */
  interfaceName(index: number, name: string): boolean {
    return this.#put('interface', `${index}`, [index, name])
  }

  vrfName(id: number, name: string): boolean {
    return this.#put('vrf', `${id}`, this.#version === IPFIX ? [id, name] : [this.#options.domain, id, name])
  }

  /** The number of the sampler that takes one packet of so many; 0 when it cannot be kept. */
  sampler(rate: number): number {
    const known = this.#samplers.get(rate)
    if (known !== undefined) return known
    const id = this.#samplers.size + 1
    const values =
      this.#version === IPFIX ? [id, SYSTEMATIC_COUNT, 1, rate - 1] : [this.#options.domain, id, RANDOM, rate]
    if (id > 0xffff || !this.#put('sampler', `${id}`, values)) return 0
    this.#samplers.set(rate, id)
    return id
  }

  /** Before a record: what is new, and whatever is due. */
  sendDue(): void {
    const isAllDue = isDue(this.#sent, this.#options, this.#builder)
    if (!this.#isNew && !isAllDue) return
    if (isAllDue) {
      this.#sent.sentMs = this.#builder.nowMs
      this.#sent.sentMessage = this.#builder.messages
      if (this.#options.statistics) this.#statistics()
    }
    this.#isNew = false
    for (const record of this.#records.values()) if (isDue(record, this.#options, this.#builder)) this.#send(record)
  }

  /** Everything, to a collector that knows nothing. */
  sendAll(): void {
    for (const template of this.#templates.values()) template.sentMs = -1
    for (const record of this.#records.values()) this.#send(record)
  }

  #statistics(): void {
    const { octets, messages, flows } = this.#builder
    const most = this.#version === IPFIX ? Number.MAX_SAFE_INTEGER : 2 ** 32
    this.#put('statistics', '', [this.#options.domain, octets % most, messages % most, flows % most])
  }

  #send(record: OptionsRecord): void {
    const { template, elements, values } = record
    const builder = this.#builder
    if (isDue(template, this.#options, builder)) sendTemplate(template, builder)
    const view = new DataView(this.#scratch.buffer)
    let at = 0
    for (const [index, { octets }] of elements.entries()) {
      const value = values[index] as Value
      if (typeof value === 'number') at = putWhole(view, at, octets, value)
      else if (octets === VARIABLE) at = putVariable(view, at, encoder.encode(value).subarray(0, 1024))
      else {
        this.#scratch.fill(0, at, at + octets)
        this.#scratch.set(encoder.encode(value).subarray(0, octets), at)
        at += octets
      }
    }
    if (builder.holds(at)) builder.put(template.id, this.#scratch, at, false)
    record.sentMs = builder.nowMs
    record.sentMessage = builder.messages
  }
}
