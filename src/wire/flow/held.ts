// Data sets whose template did not come yet. They wait, bounded in octets and by the record clock, and are decoded in order
// when it comes, with the header and arrival time that they came with.
import type { Host } from '../../contract/host.ts'
import type { Block } from './block.ts'
import type { Domain, HeldSet } from './domain.ts'
import { HELD_AGE_MS, HELD_OCTETS_PER_EXPORTER, HELD_OCTETS_TOTAL } from './limits.ts'

export class Held {
  readonly #host: Host
  #octets = 0
  /** Data sets that wait now. */
  sets = 0

  constructor(host: Host) {
    this.#host = host
  }

  /** Keeps the data set in octets[at..end) of the block's message, or counts it as dropped. */
  hold(block: Block, template: number, at: number, end: number): void {
    const { domain, header } = block
    const { exporter } = domain
    exporter.counters.unknownTemplates++
    this.#expire(domain, header.arrivalUs)
    const octets = end - at
    if (exporter.heldOctets + octets > HELD_OCTETS_PER_EXPORTER || this.#octets + octets > HELD_OCTETS_TOTAL) {
      this.#host.count('dropped/no-template')
      return
    }
    domain.held.push({ template, octets: block.octets.slice(at, end), header: { ...header } })
    exporter.counters.held++
    this.#account(domain, octets, 1)
    this.#host.count('sets-held')
  }

  /** True when some data set of the domain could be decoded now. */
  waiting(domain: Domain): boolean {
    return domain.held.length > 0 && domain.held.some(held => domain.templates.has(held.template))
  }

  /** Takes out the next data set whose template is known. */
  next(domain: Domain): HeldSet | undefined {
    const index = domain.held.findIndex(held => domain.templates.has(held.template))
    if (index < 0) return undefined
    const [held] = domain.held.splice(index, 1) as [HeldSet]
    domain.exporter.counters.released++
    this.#account(domain, -held.octets.length, -1)
    this.#host.count('sets-released')
    return held
  }

  /** Gives up on all that waits in a domain. */
  drop(domain: Domain): void {
    for (const held of domain.held) this.#account(domain, -held.octets.length, -1)
    if (domain.held.length > 0) this.#host.count('dropped/no-template', domain.held.length)
    domain.held = []
  }

  #expire(domain: Domain, nowUs: number): void {
    const { held } = domain
    let expired = 0
    while (expired < held.length && nowUs - (held[expired] as HeldSet).header.arrivalUs > HELD_AGE_MS * 1000) expired++
    if (expired === 0) return
    for (const old of held.splice(0, expired)) this.#account(domain, -old.octets.length, -1)
    this.#host.count('dropped/no-template', expired)
  }

  #account(domain: Domain, octets: number, sets: number): void {
    domain.exporter.heldOctets += octets
    this.#octets += octets
    this.sets += sets
  }
}
