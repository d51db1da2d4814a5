// What options records say about their exporter (capabilities of the exporter, names, rates), into the tables of `learned.ts`.

import { ROWS } from '../../fields/column.ts'
import { dotted, ipv6Text } from '../../octets/address.ts'
import type { Block } from './block.ts'
import type { Domain } from './domain.ts'
import type { Layout, Place } from './layout.ts'
import {
  KNOWS_ADDRESS,
  KNOWS_APPLICATIONS,
  KNOWS_DEFAULT_RATE,
  KNOWS_INTERFACES,
  KNOWS_RATES,
  KNOWS_RDS,
  KNOWS_START,
  KNOWS_VRF_NAMES,
  type Learned,
} from './learned.ts'
import { LEARNED_NAME_OCTETS } from './limits.ts'
import { wholeAt } from './read-number.ts'
import { lengthOf, textAt } from './read-text.ts'
import { NETFLOW9_SCOPE_INTERFACE, NETFLOW9_SCOPE_PEN, NETFLOW9_SCOPE_TEMPLATE, type Template } from './template.ts'
import { applicationText, rdText } from './texts.ts'

/** One options record: its elements by number. */
class OptionsRecord {
  readonly #places: ReadonlyMap<string, Place>
  readonly #octets: Uint8Array
  row = 0

  constructor(places: ReadonlyMap<string, Place>, octets: Uint8Array) {
    this.#places = places
    this.#octets = octets
  }

  #where(id: number, pen: number): [at: number, length: number] | undefined {
    const place = this.#places.get(`${pen}/${id}`)
    if (!place) return undefined
    return [(place.at[this.row] as number) + place.offset, lengthOf(place, this.row)]
  }
  /** The first of these elements that is there and not zero. */
  number(...ids: number[]): number | undefined {
    for (const id of ids) {
      const number = this.scope(id, 0)
      if (number) return number
    }
    return undefined
  }
  /** An element that may be zero. */
  scope(id: number, pen = NETFLOW9_SCOPE_PEN): number | undefined {
    const where = this.#where(id, pen)
    if (!where) return undefined
    const number = Number(wholeAt(this.#octets, ...where))
    return Number.isNaN(number) ? undefined : number
  }
  text(...ids: number[]): string | undefined {
    for (const id of ids) {
      const where = this.#where(id, 0)
      const text = where && textAt(this.#octets, where[0], Math.min(where[1], LEARNED_NAME_OCTETS))
      if (text) return text
    }
    return undefined
  }
  octets(id: number): Uint8Array | undefined {
    const where = this.#where(id, 0)
    return where && where[1] > 0 ? this.#octets.subarray(where[0], where[0] + where[1]) : undefined
  }
}

type Lesson = (record: OptionsRecord, learn: (bit: number, put: (learned: Learned) => void) => void) => void

/** One packet in how many: IE 34, 50 (interval), 305 and 306 (so many, then a gap), 309 and 310 (so many of so many), 311 (probability is left out). */
function rateOf(record: OptionsRecord): number | undefined {
  const interval = record.number(34, 50)
  if (interval) return interval
  const [taken, skipped] = [record.number(305), record.scope(306, 0)]
  if (taken !== undefined && skipped !== undefined) return Math.round((taken + skipped) / taken)
  const [size, population] = [record.number(309), record.number(310)]
  if (size !== undefined && population !== undefined) return Math.round(population / size)
  return skipped === undefined ? taken : undefined
}

const sampling: Lesson = (record, learn) => {
  const rate = rateOf(record)
  if (!rate) return
  const sampler = record.scope(48, 0) ?? record.scope(302, 0)
  const template = record.scope(145, 0) ?? record.scope(NETFLOW9_SCOPE_TEMPLATE)
  if (sampler !== undefined) learn(KNOWS_RATES, learned => learned.rates.set(sampler, rate))
  else if (template !== undefined) learn(KNOWS_RATES, learned => learned.rates.set(templateRate(template), rate))
  // Records without a sampler take the exporter's own rate: the one without an id, of id 0, or else the last that came.
  learn(KNOWS_DEFAULT_RATE, learned => learned.setDefaultRate(rate, sampler, template))
}

/** In the table of rates: the rate of all records of a template. */
export const templateRate = (template: number): string => `template ${template}`

const interfaces: Lesson = (record, learn) => {
  const index = record.scope(NETFLOW9_SCOPE_INTERFACE) ?? record.number(10, 14, 252, 253)
  const name = record.text(82, 83)
  if (index !== undefined && name) learn(KNOWS_INTERFACES, learned => learned.interfaces.set(index, name))
}

const applications: Lesson = (record, learn) => {
  const id = record.octets(95)
  const name = record.text(96, 94)
  if (id && name)
    learn(KNOWS_APPLICATIONS, learned => learned.applications.set(applicationText(id, 0, id.length), name))
}

const vrfs: Lesson = (record, learn) => {
  const id = record.number(234, 235)
  if (id === undefined) return
  const name = record.text(236)
  if (name) learn(KNOWS_VRF_NAMES, learned => learned.vrfNames.set(id, name))
  const rd = record.octets(90)
  const text = rd && rdText(rd, 0, rd.length)
  if (text) learn(KNOWS_RDS, learned => learned.rds.set(id, text))
}

const address: Lesson = (record, learn) => {
  const octets = record.octets(130) ?? record.octets(131)
  if (octets?.length !== 4 && octets?.length !== 16) return
  const words = Array.from({ length: octets.length / 4 }, (_, word) => Number(wholeAt(octets, 4 * word, 4)))
  if (words.every(word => word === 0)) return
  const [a, b, c, d] = words as [number, number, number, number]
  const text = octets.length === 4 ? dotted(a) : ipv6Text(a, b, c, d)
  learn(KNOWS_ADDRESS, learned => {
    learned.address.words.set(words)
    learned.address.family = octets.length === 4 ? 4 : 6
    learned.address.text = text
  })
}

const start: Lesson = (record, learn) => {
  const startMs = record.number(160)
  if (startMs !== undefined) {
    learn(KNOWS_START, learned => {
      learned.startMs = startMs
    })
  }
}

const LESSONS: readonly Lesson[] = [sampling, interfaces, applications, vrfs, address, start]

/** Learns from the options records in octets[at..end); returns how many there were. */
export function learnOptions(template: Template, layout: Layout, block: Block, at: number, end: number): number {
  const places = new Map<string, Place>()
  template.fields.forEach(({ pen, id, length }, index) => {
    const key = `${pen}/${id}`
    if (length > 0 && !places.has(key)) places.set(key, layout.places[index] as Place)
  })
  const record = new OptionsRecord(places, block.octets)
  const { domain } = block
  const learn = (bit: number, put: (learned: Learned) => void): void => learnBoth(domain, bit, put)
  let records = 0
  while (end - at >= layout.minOctets) {
    const count = layout.walk(block.octets, at, end, ROWS)
    at = layout.next
    records += count
    for (record.row = 0; record.row < count; record.row++) for (const lesson of LESSONS) lesson(record, learn)
  }
  return records
}

function learnBoth({ learned, exporter }: Domain, bit: number, put: (learned: Learned) => void): void {
  put(learned)
  put(exporter.learned)
  exporter.learned.bits |= bit
}
