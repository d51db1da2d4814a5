// Counter samples as records: one for each structure, with who counted.
import type { NetRecord } from '../../contract/record.ts'
import { DATAGRAM_NUMBER } from '../flow/datagram-number.ts'
import { LEGACY_BLOCKS, STRUCTURES } from './counters.ts'
import { SFLOW5 } from './datagram.ts'
import type { Context } from './flow-samples.ts'
import { readCounters } from './read-counters.ts'
import { Address, type Xdr } from './xdr.ts'

const KIND_COUNTERS = 1

/** Whom the counters are of. */
interface Head {
  readonly sequence: number
  readonly sourceClass: number
  readonly sourceIndex: number
}

export class CounterSamples {
  /** Reads a sample, into `records` where they are wanted; false when the next cannot be found. */
  read(xdr: Xdr, isExpanded: boolean, context: Context, records?: NetRecord[]): boolean {
    const sequence = xdr.unsigned()
    const id = xdr.unsigned()
    const sourceClass = isExpanded ? id : id >>> 24
    const sourceIndex = isExpanded ? xdr.unsigned() : id & 0xff_ffff
    const isLegacy = context.header.version !== SFLOW5
    if (xdr.broken) return !isLegacy
    context.agent.source(KIND_COUNTERS, sourceClass, sourceIndex).counting.see(sequence, context.samples)
    const head = { sequence, sourceClass, sourceIndex }
    if (isLegacy) return this.#readBlock(xdr, head, context, records)
    if (records) this.#readStructures(xdr, head, context, records)
    return true
  }

  #readStructures(xdr: Xdr, head: Head, context: Context, records: NetRecord[]): void {
    const { end } = xdr
    const count = xdr.unsigned()
    for (let index = 0; index < count && xdr.at < end && !xdr.broken; index++) {
      const format = xdr.unsigned()
      const octets = xdr.unsigned()
      if (!xdr.has(octets)) return
      xdr.end = xdr.at + octets
      this.#readStructure(xdr, format, head, context, records)
      xdr.at = xdr.end
      xdr.end = end
    }
  }

  #readStructure(xdr: Xdr, format: number, head: Head, context: Context, records?: NetRecord[]): void {
    const structure = STRUCTURES.get(format)
    if (!structure) {
      context.unknown.add('counters', format)
      return
    }
    for (const record of readCounters(xdr, structure, () => commonOf(context, head, structure.name))) {
      records?.push(record)
    }
  }

  /** Versions 2 and 4: the interval, then one block. */
  #readBlock(xdr: Xdr, head: Head, context: Context, records?: NetRecord[]): boolean {
    xdr.skip(4)
    const type = xdr.unsigned()
    const formats = LEGACY_BLOCKS[type]
    if (!formats) {
      if (!xdr.broken) context.unknown.add('counters', type)
      return false
    }
    for (const format of formats) this.#readStructure(xdr, format, head, context, records)
    return !xdr.broken
  }
}

function commonOf({ header, agent, exporter }: Context, head: Head, name: string): NetRecord {
  const address = exporter instanceof Address ? exporter.text : exporter.text
  return {
    timestamp_arrival: header.arrivalUs / 1e6,
    ...(header.datagram > 0 ? { [DATAGRAM_NUMBER]: header.datagram } : {}),
    ...(address === undefined ? {} : { peer_ip_src: address }),
    export_proto_version: header.version,
    export_proto_sysid: header.sysid,
    export_proto_seqno: header.sequence,
    event_type: 'counters',
    sf_cnt_type: `sflow_cnt_${name}`,
    source_id_class: head.sourceClass,
    source_id_index: head.sourceIndex,
    sflow_cnt_seq: head.sequence,
    ...(agent.address.text !== undefined && agent.address.text !== address ? { agent_ip: agent.address.text } : {}),
  }
}
