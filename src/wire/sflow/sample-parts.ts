// An sFlow v5 datagram in parts: flow samples, and what every receiver gets (counters, discarded packets); and a datagram of some of them.

const SFLOW5 = 5
const FLOW = 1
const EXPANDED_FLOW = 3
const IPV6_AGENT = 2
const SAMPLE_HEADER_OCTETS = 8

interface Part {
  readonly start: number
  readonly end: number
  /** Where the id of the sample's data source stands in the datagram, and how long it is; -1: no flow sample. */
  readonly sourceAt: number
  readonly sourceOctets: number
}

/** How many samples of each data source were left out; a source that is not there: none. */
export type RemovedSamples = Map<string, number>

export class SampleParts {
  /** Flow samples. */
  records = 0
  /** Agent and sub-agent: who counts datagrams. */
  agent = ''
  sequence = 0
  readonly #parts: Part[] = []
  #octets: Uint8Array = new Uint8Array(0)
  #start = 0
  #headerOctets = 0

  /** False when it is not sFlow v5, or damaged. */
  read(octets: Uint8Array, view: DataView, start: number, end: number): boolean {
    this.records = this.#parts.length = 0
    this.#octets = octets
    this.#start = start
    if (end - start < 28 || view.getUint32(start) !== SFLOW5) return false
    const addressOctets = view.getUint32(start + 4) === IPV6_AGENT ? 16 : 4
    this.#headerOctets = 24 + addressOctets
    if (end - start < this.#headerOctets) return false
    const after = start + 8 + addressOctets
    this.agent = Buffer.from(octets.subarray(start + 4, after + 4)).toString('hex')
    this.sequence = view.getUint32(after + 4)
    const count = view.getUint32(after + 12)
    let at = start + this.#headerOctets
    for (let index = 0; index < count; index++) {
      if (end - at < SAMPLE_HEADER_OCTETS) return false
      const format = view.getUint32(at)
      const next = at + SAMPLE_HEADER_OCTETS + view.getUint32(at + 4)
      if (next > end) return false
      const isFlow = format === FLOW || format === EXPANDED_FLOW
      if (isFlow && next - at < 20) return false
      if (isFlow) this.records++
      const sourceOctets = format === EXPANDED_FLOW ? 8 : 4
      this.#parts.push({ start: at, end: next, sourceAt: isFlow ? at + 12 : -1, sourceOctets })
      at = next
    }
    return true
  }

  /** The datagram with the flow samples that `keeps` says; undefined when nothing would be in it. `removed` goes on counting. */
  rebuild(keeps: (sample: number) => boolean, sequence: number, removed: RemovedSamples): Uint8Array | undefined {
    const most = this.#parts.reduce((sum, { start, end }) => sum + end - start, this.#headerOctets)
    const made = new Uint8Array(most)
    const view = new DataView(made.buffer)
    made.set(this.#octets.subarray(this.#start, this.#start + this.#headerOctets))
    let [at, number, count] = [this.#headerOctets, 0, 0]
    for (const { start, end, sourceAt, sourceOctets } of this.#parts) {
      const isFlow = sourceAt >= 0
      const source = isFlow ? this.#sourceOf(sourceAt, sourceOctets) : ''
      const before = removed.get(source) ?? 0
      if (isFlow && !keeps(number++)) {
        removed.set(source, (before + 1) >>> 0)
        continue
      }
      made.set(this.#octets.subarray(start, end), at)
      if (isFlow) view.setUint32(at + SAMPLE_HEADER_OCTETS, (view.getUint32(at + SAMPLE_HEADER_OCTETS) - before) >>> 0)
      at += end - start
      count++
    }
    if (count === 0) return undefined
    view.setUint32(this.#headerOctets - 12, sequence >>> 0)
    view.setUint32(this.#headerOctets - 4, count)
    return made.subarray(0, at)
  }

  #sourceOf(at: number, octets: number): string {
    return `${this.agent} ${Buffer.from(this.#octets.subarray(at, at + octets)).toString('hex')}`
  }
}
