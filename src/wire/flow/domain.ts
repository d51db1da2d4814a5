// What is remembered of exporters, their transport sessions and their observation domains.
import { parseDotted, parseIpv6 } from '../../octets/address.ts'
import { Learned, type LearnedBudget } from './learned.ts'
import { TEMPLATE_FIELDS, TEMPLATE_FIELDS_TOTAL } from './limits.ts'
import type { MessageHeader } from './message.ts'
import type { Exporter } from './options.ts'
import { Sequence } from './sequence.ts'
import { sameTemplate, type Template } from './template.ts'

/** Counters of one exporter, as `readings()` gives them. */
export interface ExporterCounters {
  messages: number
  records: number
  octets: number
  unknownTemplates: number
  malformed: number
  held: number
  released: number
  lost: number
  reordered: number
  restarts: number
}

/** A data set that waits for its template. */
export interface HeldSet {
  /** Grows: says which of several came first. */
  readonly number: number
  readonly template: number
  readonly octets: Uint8Array
  readonly header: MessageHeader
}

/** A source id, observation domain or engine in one transport session. */
export class Domain {
  readonly exporter: ExporterState
  readonly session: Session
  readonly version: number
  readonly id: number
  readonly templates = new Map<number, Template>()
  readonly sequence = new Sequence()
  readonly learned: Learned
  /** By template id. */
  readonly held = new Map<number, HeldSet[]>()
  lastUs = 0

  constructor(exporter: ExporterState, session: Session, header: MessageHeader) {
    this.exporter = exporter
    this.session = session
    this.version = header.version
    this.id = header.domain
    this.learned = new Learned(exporter.budget, exporter.learned)
  }

  /** What the exporter says its address is (IE 130, 131 in options), else the peer's. */
  get exporterAddress(): { words: Uint32Array; family: number; text: string } {
    const { exporter, learned } = this
    if (learned.address.family !== 0) return learned.address
    return exporter.learned.address.family !== 0 ? exporter.learned.address : exporter
  }
}

/** What all exporters take together. */
export interface Budget extends LearnedBudget {
  templateFields: number
  /** The most templates of one exporter, or TCP session. */
  readonly templates: number
}

const weight = (template: Template): number => template.fields.length + TEMPLATE_FIELDS

/** Templates live as long as the transport session: the exporter's UDP, or one TCP connection. */
export class Session {
  readonly domains = new Map<number, Domain>()
  readonly #budget: Budget
  /** Templates of all domains, the one refreshed longest ago first. */
  readonly #templates = new Map<Template, Domain>()

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** Takes a template; the one refreshed longest ago makes room when there are too many. */
  put(domain: Domain, template: Template): { outcome: 'known' | 'new' | 'changed' | 'refused'; evicted: number } {
    const known = domain.templates.get(template.id)
    if (known && sameTemplate(known, template)) {
      this.#templates.delete(known)
      this.#templates.set(known, domain)
      return { outcome: 'known', evicted: 0 }
    }
    if (known) this.remove(domain, known)
    if (this.#budget.templateFields + weight(template) > TEMPLATE_FIELDS_TOTAL)
      return { outcome: 'refused', evicted: 0 }
    domain.templates.set(template.id, template)
    this.#templates.set(template, domain)
    this.#budget.templateFields += weight(template)
    let evicted = 0
    if (this.#templates.size > this.#budget.templates) {
      const [oldest, of] = this.#templates.entries().next().value as [Template, Domain]
      this.remove(of, oldest)
      evicted++
    }
    return { outcome: known ? 'changed' : 'new', evicted }
  }

  remove(domain: Domain, template: Template): void {
    domain.templates.delete(template.id)
    this.#templates.delete(template)
    this.#budget.templateFields -= weight(template)
  }

  /** Forgets a domain and its templates. */
  removeDomain(key: number, domain: Domain): void {
    for (const template of domain.templates.values()) this.remove(domain, template)
    domain.learned.clear()
    this.domains.delete(key)
  }

  *templates(): Iterable<[Template, Domain]> {
    yield* this.#templates
  }
}

export class ExporterState {
  /** The peer's address. */
  readonly text: string
  /** The address as a column has it. */
  readonly words = new Uint32Array(4)
  readonly family: 4 | 6
  readonly udp: Session
  readonly learned: Learned
  readonly budget: Budget
  readonly counters: ExporterCounters = {
    messages: 0,
    records: 0,
    octets: 0,
    unknownTemplates: 0,
    malformed: 0,
    held: 0,
    released: 0,
    lost: 0,
    reordered: 0,
    restarts: 0,
  }
  heldOctets = 0
  lastUs = 0

  constructor(exporter: Exporter, budget: Budget) {
    this.budget = budget
    this.udp = new Session(budget)
    this.learned = new Learned(budget)
    this.text = exporter.address
    const address = parseDotted(exporter.address)
    if (address >= 0) this.words[0] = address
    else parseIpv6(exporter.address, this.words, 0)
    this.family = address >= 0 ? 4 : 6
  }
}
