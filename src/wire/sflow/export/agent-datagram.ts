// The datagram of one agent and sub-agent, as samples are added; what it and its sources have counted so far.
import type { Give } from '../../flow/export/options.ts'
import { SFLOW5 } from '../datagram.ts'

/** Sources of an agent whose samples are counted; the oldest makes room and counts from 1 again. */
export const SOURCES_PER_AGENT = 8192

export interface SourceCount {
  sequence: number
  /** Packets that could have been sampled. */
  pool: number
}

export class AgentDatagram {
  readonly #octets: Uint8Array
  readonly #view: DataView
  readonly #headerOctets: number
  readonly #give: Give
  readonly #sources = new Map<string, SourceCount>()
  #at: number
  #samples = 0
  #records = 0
  #sequence = 0

  constructor(address: Uint8Array, subAgent: number, octets: number, give: Give) {
    this.#octets = new Uint8Array(octets)
    this.#view = new DataView(this.#octets.buffer)
    this.#give = give
    this.#view.setUint32(0, SFLOW5)
    this.#view.setUint32(4, address.length === 16 ? 2 : 1)
    this.#octets.set(address, 8)
    this.#headerOctets = 24 + address.length
    this.#view.setUint32(8 + address.length, subAgent)
    this.#at = this.#headerOctets
  }

  /** `kind`: flow samples, counters and discarded packets are counted each for themselves. */
  source(kind: number, sourceClass: number, index: number): SourceCount {
    const key = `${kind} ${sourceClass} ${index}`
    let source = this.#sources.get(key)
    if (!source) {
      if (this.#sources.size >= SOURCES_PER_AGENT) this.#sources.delete(this.#sources.keys().next().value as string)
      source = { sequence: 0, pool: 0 }
      this.#sources.set(key, source)
    }
    return source
  }

  /** False when no datagram has room for it. */
  add(sample: Uint8Array, records: number, uptimeMs: number): boolean {
    if (this.#headerOctets + sample.length > this.#octets.length) return false
    if (this.#at + sample.length > this.#octets.length) this.flush(uptimeMs)
    this.#octets.set(sample, this.#at)
    this.#at += sample.length
    this.#samples++
    this.#records += records
    return true
  }

  flush(uptimeMs: number): void {
    if (this.#samples === 0) return
    const after = this.#headerOctets - 12
    this.#sequence = (this.#sequence + 1) >>> 0
    this.#view.setUint32(after, this.#sequence)
    this.#view.setUint32(after + 4, uptimeMs)
    this.#view.setUint32(after + 8, this.#samples)
    this.#give(this.#octets.slice(0, this.#at), this.#records)
    this.#at = this.#headerOctets
    this.#samples = this.#records = 0
  }
}
