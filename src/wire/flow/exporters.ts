// All exporters that were heard of, and their domains: bounded.
import type { Host, Reading } from '../../contract/host.ts'
import { type Budget, Domain, type ExporterCounters, ExporterState, Session } from './domain.ts'
import type { Held } from './held.ts'
import { DOMAINS_PER_EXPORTER, EXPORTER_IDLE_MS, EXPORTERS, TEMPLATES_PER_EXPORTER } from './limits.ts'
import type { MessageHeader } from './message.ts'
import type { Exporter, FlowLimits } from './options.ts'

/** When full, idle exporters are looked for at most once in so long. */
const SWEEP_MS = 60_000

/** What is told of each exporter: gaps in the units of the protocol (v5 flows, v9 messages, IPFIX data records). */
const READINGS: readonly (readonly [counter: keyof ExporterCounters, name: string])[] = [
  ['messages', 'messages'],
  ['records', 'records'],
  ['octets', 'octets'],
  ['lost', 'sequence_lost'],
  ['reordered', 'sequence_reordered'],
  ['restarts', 'sequence_restarts'],
  ['unknownTemplates', 'sets_without_template'],
  ['held', 'sets_held'],
  ['released', 'sets_released'],
  ['malformed', 'malformed'],
]

export class Exporters {
  readonly #host: Host
  readonly #held: Held
  readonly #states = new Map<string, ExporterState>()
  readonly #sessions = new WeakMap<object, Session>()
  readonly #limit: number
  readonly #budget: Budget
  #sweptUs = 0
  #last: Exporter | undefined
  #lastState: ExporterState | undefined

  constructor(host: Host, held: Held, limits: FlowLimits = {}) {
    this.#host = host
    this.#held = held
    this.#limit = limits.exporters ?? EXPORTERS
    const templates = limits.templatesPerExporter ?? TEMPLATES_PER_EXPORTER
    this.#budget = { templates, templateFields: 0, entries: 0, refused: 0 }
  }

  /** The state of an exporter, a new one when it is new; undefined when there are too many. */
  get(exporter: Exporter, timeUs: number): ExporterState | undefined {
    if (exporter === this.#last && this.#lastState) {
      this.#lastState.lastUs = timeUs
      return this.#lastState
    }
    const state = this.#states.get(exporter.address) ?? this.#add(exporter, timeUs)
    if (!state) return undefined
    state.lastUs = timeUs
    this.#last = exporter
    this.#lastState = state
    return state
  }

  #add(exporter: Exporter, timeUs: number): ExporterState | undefined {
    if (this.#states.size >= this.#limit && !this.#sweep(timeUs)) {
      this.#host.count('lost/too-many-exporters')
      return undefined
    }
    const state = new ExporterState(exporter, this.#budget)
    this.#states.set(exporter.address, state)
    return state
  }

  /** Forgets exporters that were silent for long; true when that made room. */
  #sweep(timeUs: number): boolean {
    if (timeUs - this.#sweptUs < SWEEP_MS * 1000) return false
    this.#sweptUs = timeUs
    for (const [address, state] of this.#states) {
      if (timeUs - state.lastUs < EXPORTER_IDLE_MS * 1000) continue
      this.#states.delete(address)
      this.#endSession(state.udp)
      state.learned.clear()
      this.#host.count('exporters-forgotten')
    }
    this.#lastState = undefined
    return this.#states.size < this.#limit
  }

  /** The domain of a message, a new one when it is new. */
  domain(state: ExporterState, header: MessageHeader, transport: object | undefined): Domain {
    const session = transport ? this.#session(transport) : state.udp
    const key = header.domain + header.version * 0x1_0000_0000
    let domain = session.domains.get(key)
    if (!domain) {
      if (session.domains.size >= DOMAINS_PER_EXPORTER) this.#evictDomain(session)
      domain = new Domain(state, session, header)
      session.domains.set(key, domain)
    }
    domain.lastUs = header.arrivalUs
    return domain
  }

  #evictDomain(session: Session): void {
    let [oldest] = session.domains
    for (const entry of session.domains) if (oldest && entry[1].lastUs < oldest[1].lastUs) oldest = entry
    if (!oldest) return
    this.#removeDomain(session, ...oldest)
    this.#host.count('domains-evicted')
  }

  #removeDomain(session: Session, key: number, domain: Domain): void {
    this.#held.drop(domain)
    session.removeDomain(key, domain)
  }

  #endSession(session: Session): void {
    for (const [key, domain] of session.domains) this.#removeDomain(session, key, domain)
  }

  /** Forgets a transport session. */
  end(transport: object): void {
    const session = this.#sessions.get(transport)
    if (!session) return
    this.#sessions.delete(transport)
    this.#endSession(session)
  }

  #session(transport: object): Session {
    let session = this.#sessions.get(transport)
    if (!session) {
      session = new Session(this.#budget)
      this.#sessions.set(transport, session)
    }
    return session
  }

  [Symbol.iterator](): Iterator<ExporterState> {
    return this.#states.values()
  }

  *readings(): Iterable<Reading> {
    for (const state of this.#states.values()) {
      const labels = { exporter: state.text }
      for (const [counter, name] of READINGS) yield { name: `exporter_${name}`, labels, value: state.counters[counter] }
    }
    yield { name: 'flow_exporters', value: this.#states.size }
    yield { name: 'flow_learned_refused', value: this.#budget.refused }
  }
}
