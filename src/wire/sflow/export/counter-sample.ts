// The counter sample that records are gathered for: all structures that one source sent together.
import type { NetRecord } from '../../../contract/record.ts'
import type { AgentDatagram } from './agent-datagram.ts'
import type { SampleRow } from './sample-row.ts'
import { counterFormat, isList, writeCounters } from './write-counters.ts'
import type { XdrWriter } from './xdr-writer.ts'

const COUNTER_SAMPLE = 2
const EXPANDED_COUNTER_SAMPLE = 4
const KIND_COUNTERS = 1
const LARGEST_COMPACT_SOURCE = 0xff_ffff
/** Structures of a sample; with more it is ended. */
const STRUCTURES = 64

const zero = (number: number): number => (Number.isNaN(number) ? 0 : number)

interface Open {
  readonly agent: AgentDatagram
  readonly sourceClass: number
  readonly sourceIndex: number
  /** As the agent counted; undefined = counted here. */
  readonly sequence: number | undefined
  readonly structures: { readonly format: number; readonly records: NetRecord[] }[]
}

export class CounterSample {
  readonly #xdr: XdrWriter
  #open: Open | undefined

  constructor(xdr: XdrWriter) {
    this.#xdr = xdr
  }

  /** Why it cannot be said; undefined when it is taken. */
  takes(agent: AgentDatagram, row: SampleRow, record: NetRecord): string | undefined {
    const format = counterFormat(record)
    if (format === undefined) return 'unknown-counters'
    const { sflow_cnt_seq: number } = record
    const sequence = typeof number === 'number' ? number : undefined
    const [sourceClass, sourceIndex] = [zero(row.number('source_id_class')), zero(row.number('source_id_index'))]
    const open = this.#open
    if (open) {
      const isSame =
        open.agent === agent &&
        open.sourceClass === sourceClass &&
        open.sourceIndex === sourceIndex &&
        open.sequence === sequence
      const last = open.structures.at(-1)
      if (isSame && last?.format === format && isList(format)) {
        last.records.push(record)
        return undefined
      }
      // One sample has a structure once; without a number, another time is another sample.
      const isNew = !open.structures.some(structure => structure.format === format)
      if (!isSame || !isNew || open.structures.length >= STRUCTURES) return 'another-sample'
      open.structures.push({ format, records: [record] })
      return undefined
    }
    this.#open = { agent, sourceClass, sourceIndex, sequence, structures: [{ format, records: [record] }] }
    return undefined
  }

  /**
   * Adds what is gathered to its agent's datagram. Structures that are too much for one datagram are samples of their own.
   * Returns how many records fit into none.
   */
  end(uptimeMs: number): number {
    const open = this.#open
    if (!open) return 0
    this.#open = undefined
    const { agent, sourceClass, sourceIndex, structures } = open
    const source = agent.source(KIND_COUNTERS, sourceClass, sourceIndex)
    source.sequence = open.sequence ?? (source.sequence + 1) >>> 0
    const put = (some: Open['structures']): number => {
      const records = some.reduce((sum, structure) => sum + structure.records.length, 0)
      const octets = this.#octets(open, source.sequence, some)
      return octets && agent.add(octets, records, uptimeMs) ? 0 : records
    }
    if (structures.length === 1 || put(structures) === 0) return structures.length === 1 ? put(structures) : 0
    return structures.reduce((lost, structure) => lost + put([structure]), 0)
  }

  #octets(
    { sourceClass, sourceIndex }: Open,
    sequence: number,
    structures: Open['structures'],
  ): Uint8Array | undefined {
    const xdr = this.#xdr
    xdr.begin()
    if (sourceIndex <= LARGEST_COMPACT_SOURCE && sourceClass <= 0xff) {
      xdr.unsigned(COUNTER_SAMPLE, 0, sequence, ((sourceClass << 24) | sourceIndex) >>> 0)
    } else xdr.unsigned(EXPANDED_COUNTER_SAMPLE, 0, sequence, sourceClass, sourceIndex)
    xdr.unsigned(structures.length)
    for (const { format, records } of structures) writeCounters(xdr, format, records)
    if (xdr.full) return undefined
    xdr.view.setUint32(4, xdr.at - 8)
    return xdr.octets.subarray(0, xdr.at)
  }
}
