// What is remembered of sFlow agents: sequence numbers, and how many packets each data source could have sampled.
import type { SequenceCounters } from '../flow/sequence.ts'
import { Address } from './xdr.ts'

/** Agents and sub-agents behind one sender; the oldest makes room: `sflow-agents-evicted`. */
export const AGENTS_PER_EXPORTER = 1024
/** Data sources of one agent; the oldest makes room: `sflow-sources-evicted`. */
export const SOURCES_PER_AGENT = 8192
/** Further back than this is a new start, not reordering. */
const REORDERED = 64
/** A jump so far ahead is a new start, not loss. */
const JUMP = 2 ** 20
/** A pool that grew by more between two samples is a new start. */
const POOL_JUMP = 2 ** 31

/** A number that grows by one with each datagram or sample. */
export class Counting {
  #expected = -1

  /** True when nothing is missing before, and nothing came twice. */
  see(number: number, counters: SequenceCounters): boolean {
    const ahead = this.#expected < 0 ? 0 : (number - this.#expected) | 0
    if (ahead < 0 && ahead >= -REORDERED) {
      counters.reordered++
      // It was counted as lost when its successor came.
      counters.lost = Math.max(0, counters.lost - 1)
      return false
    }
    if (ahead < 0 || ahead > JUMP) counters.restarts++
    else counters.lost += ahead
    this.#expected = (number + 1) >>> 0
    return ahead === 0
  }
}

/** An interface, VLAN or entity that samples. */
export class Source {
  readonly counting = new Counting()
  #sequence = -1
  #pool = 0
  drops = 0

  /** Packets for each sample since the last one, by the pool; 0 where that cannot be said. */
  effectiveRate(sequence: number, pool: number): number {
    const samples = (sequence - this.#sequence) | 0
    const packets = (pool - this.#pool) >>> 0
    const isFirst = this.#sequence < 0
    if (!isFirst && samples <= 0 && samples >= -REORDERED) return 0
    this.#sequence = sequence
    this.#pool = pool
    if (isFirst || samples <= 0 || samples > JUMP || packets === 0 || packets > POOL_JUMP) return 0
    return packets / samples
  }
}

/** An agent and sub-agent. */
export class Agent {
  readonly address = new Address()
  readonly counting = new Counting()
  readonly #sources = new Map<number, Source>()
  readonly #count: (name: string) => void

  constructor(count: (name: string) => void) {
    this.#count = count
  }

  get sources(): Iterable<Source> {
    return this.#sources.values()
  }

  /** `kind` tells flow samples, counter samples and discarded packets apart: each is counted for itself. */
  source(kind: number, sourceClass: number, index: number): Source {
    const key = (kind * 256 + (sourceClass & 255)) * 0x1_0000_0000 + index
    let source = this.#sources.get(key)
    if (!source) {
      if (this.#sources.size >= SOURCES_PER_AGENT) {
        this.#sources.delete(this.#sources.keys().next().value as number)
        this.#count('sflow-sources-evicted')
      }
      source = new Source()
      this.#sources.set(key, source)
    }
    return source
  }
}

export class Agents {
  readonly #agents = new Map<string, Agent>()
  readonly #count: (name: string) => void
  #last: Agent | undefined
  #lastSub = -1

  constructor(count: (name: string) => void) {
    this.#count = count
  }

  get(address: Address, subAgent: number): Agent {
    const last = this.#last
    if (last && subAgent === this.#lastSub && same(last.address, address)) return last
    const key = `${address.text} ${subAgent}`
    let agent = this.#agents.get(key)
    if (!agent) {
      if (this.#agents.size >= AGENTS_PER_EXPORTER) {
        this.#agents.delete(this.#agents.keys().next().value as string)
        this.#count('sflow-agents-evicted')
      }
      agent = new Agent(this.#count)
      agent.address.family = address.family
      agent.address.words.set(address.words)
      this.#agents.set(key, agent)
    }
    this.#last = agent
    this.#lastSub = subAgent
    return agent
  }

  *[Symbol.iterator](): Iterator<[name: string, agent: Agent]> {
    yield* this.#agents
  }
}

function same(one: Address, other: Address): boolean {
  if (one.family !== other.family) return false
  for (let word = 0; word < (one.family === 6 ? 4 : 1); word++) if (one.words[word] !== other.words[word]) return false
  return true
}
