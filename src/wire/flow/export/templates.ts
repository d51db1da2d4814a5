// Templates as they are sent, for records and for options, and when they are sent again.
import { IPFIX } from '../message.ts'
import type { ExportElement } from './elements.ts'
import type { MessageBuilder } from './message-builder.ts'
import type { ExportOptions } from './options.ts'

const FIRST_TEMPLATE = 256
const LARGEST_TEMPLATE = 65_535
const ENTERPRISE_BIT = 0x8000
/** Sets of templates and of options templates, by version. */
const SETS: { readonly [version: number]: readonly [templates: number, options: number] } = { 9: [0, 1], 10: [2, 3] }

/** A template that a collector has to have before its records. */
export interface SentTemplate {
  readonly id: number
  readonly setId: number
  readonly octets: Uint8Array
  /** Record time when it was sent last, and the message; -1 = never. */
  sentMs: number
  sentMessage: number
}

/** Ids go round: only so many are in use at a time. */
export class TemplateIds {
  #next = FIRST_TEMPLATE

  take(): number {
    if (this.#next > LARGEST_TEMPLATE) this.#next = FIRST_TEMPLATE
    return this.#next++
  }
}

function putElements(view: DataView, at: number, elements: readonly ExportElement[]): void {
  for (const { id, pen, octets } of elements) {
    view.setUint16(at, id | (pen === 0 ? 0 : ENTERPRISE_BIT))
    view.setUint16(at + 2, octets)
    at += 4
    if (pen === 0) continue
    view.setUint32(at, pen)
    at += 4
  }
}

const octetsOf = (elements: readonly ExportElement[]): number =>
  elements.reduce((sum, { pen }) => sum + (pen === 0 ? 4 : 8), 0)

export function recordTemplate(version: number, id: number, elements: readonly ExportElement[]): SentTemplate {
  const view = new DataView(new ArrayBuffer(4 + octetsOf(elements)))
  view.setUint16(0, id)
  view.setUint16(2, elements.length)
  putElements(view, 4, elements)
  return { id, setId: SETS[version]?.[0] as number, octets: new Uint8Array(view.buffer), sentMs: -1, sentMessage: 0 }
}

/** RFC 3954 section 6.1: lengths in octets; RFC 7011 section 3.4.2.2: numbers of fields. */
export function optionsTemplate(
  version: number,
  id: number,
  scope: readonly ExportElement[],
  elements: readonly ExportElement[],
): SentTemplate {
  const all = [...scope, ...elements]
  const view = new DataView(new ArrayBuffer(6 + octetsOf(all)))
  view.setUint16(0, id)
  view.setUint16(2, version === IPFIX ? all.length : octetsOf(scope))
  view.setUint16(4, version === IPFIX ? scope.length : octetsOf(elements))
  putElements(view, 6, all)
  return { id, setId: SETS[version]?.[1] as number, octets: new Uint8Array(view.buffer), sentMs: -1, sentMessage: 0 }
}

/** Whether it is time to send it (again). */
export const isDue = (
  { sentMs, sentMessage }: Pick<SentTemplate, 'sentMs' | 'sentMessage'>,
  { refreshMs, refreshMessages }: ExportOptions,
  { nowMs, messages }: MessageBuilder,
): boolean => sentMs < 0 || nowMs - sentMs >= refreshMs || messages - sentMessage >= refreshMessages

export function sendTemplate(template: SentTemplate, builder: MessageBuilder): void {
  builder.put(template.setId, template.octets, template.octets.length, false)
  template.sentMs = builder.nowMs
  template.sentMessage = builder.messages
}
