// Data sets whose template did not come yet. They wait, bounded in octets and by the record clock, and are decoded in order
// when it comes, with the header and arrival time that they came with.
import type { Host } from '../../contract/host.ts'
import type { Block } from './block.ts'
import type { Domain, ExporterState, HeldSet } from './domain.ts'
import { HELD_AGE_MS, HELD_OCTETS_PER_EXPORTER, HELD_OCTETS_TOTAL, HELD_OVERHEAD_OCTETS } from './limits.ts'
import type { FlowLimits } from './options.ts'

export class Held {
  readonly #host: Host
  readonly #octetsPerExporter: number
  readonly #octetsTotal: number
  #octets = 0
  #number = 0
  /** Data sets that wait now. */
  sets = 0

  constructor(host: Host, limits: FlowLimits = {}) {
    this.#host = host
    this.#octetsPerExporter = limits.heldOctetsPerExporter ?? HELD_OCTETS_PER_EXPORTER
    this.#octetsTotal = Math.max(HELD_OCTETS_TOTAL, this.#octetsPerExporter)
  }

  /** Keeps the data set in octets[at..end) of the block's message, or counts it as dropped. */
  hold(block: Block, template: number, at: number, end: number): void {
    const { domain, header } = block
    const { exporter } = domain
    exporter.counters.unknownTemplates++
    if (!this.#fits(exporter, end - at)) this.#expire(domain, header.arrivalUs)
    if (!this.#fits(exporter, end - at)) {
      this.#host.count('lost/no-template')
      return
    }
    const held = { number: this.#number++, template, octets: block.octets.slice(at, end), header: { ...header } }
    const waiting = domain.held.get(template)
    if (waiting) waiting.push(held)
    else domain.held.set(template, [held])
    exporter.counters.held++
    this.#account(domain, held, 1)
    this.#host.count('sets-held')
  }

  /** Takes out what waits for a template, and is not too old by now; in the order of arrival. */
  take(domain: Domain, template: number, nowUs: number): HeldSet[] {
    const waiting = domain.held.get(template)
    if (!waiting) return []
    domain.held.delete(template)
    const taken = waiting.filter(held => !isOld(held, nowUs))
    for (const held of waiting) this.#account(domain, held, -1)
    this.#dropped(waiting.length - taken.length)
    domain.exporter.counters.released += taken.length
    if (taken.length > 0) this.#host.count('sets-released', taken.length)
    return taken
  }

  /** Gives up on all that waits in a domain. */
  drop(domain: Domain): void {
    this.#expire(domain, Number.POSITIVE_INFINITY)
  }

  #fits(exporter: ExporterState, octets: number): boolean {
    const more = octets + HELD_OVERHEAD_OCTETS
    return exporter.heldOctets + more <= this.#octetsPerExporter && this.#octets + more <= this.#octetsTotal
  }

  #expire(domain: Domain, nowUs: number): void {
    for (const [template, waiting] of domain.held) {
      const old = waiting.filter(held => isOld(held, nowUs))
      if (old.length === 0) continue
      for (const held of old) this.#account(domain, held, -1)
      this.#dropped(old.length)
      if (old.length === waiting.length) domain.held.delete(template)
      else domain.held.set(template, waiting.slice(old.length))
    }
  }

  #dropped(sets: number): void {
    if (sets > 0) this.#host.count('lost/no-template', sets)
  }

  #account(domain: Domain, held: HeldSet, sign: 1 | -1): void {
    const octets = sign * (held.octets.length + HELD_OVERHEAD_OCTETS)
    domain.exporter.heldOctets += octets
    this.#octets += octets
    this.sets += sign
  }
}

const isOld = (held: HeldSet, nowUs: number): boolean => nowUs - held.header.arrivalUs > HELD_AGE_MS * 1000
