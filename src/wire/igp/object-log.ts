// Link-state objects as a log: records in the form of BGP-LS (log_type update and withdraw) of what comes, changes or goes.
import type { NetRecord } from '../../contract/record.ts'
import type { LinkStateObject } from './objects.ts'

const AFI_LINK_STATE = 16_388
const SAFI_LINK_STATE = 71

/** An object that was told. */
export interface Known {
  readonly object: LinkStateObject
  /** Attributes as text, to see a change. */
  readonly text: string
}

export interface ObjectLogContext {
  /** Keys of every record, before afi: igp_domain. */
  readonly envelope: NetRecord
  /** Our AS; undefined = IGPs do not say it. */
  readonly localAs: number | undefined
}

export class ObjectLog {
  readonly #context: ObjectLogContext
  #sequence = 0
  /** Objects that are there. */
  size = 0

  constructor(context: ObjectLogContext) {
    this.#context = context
  }

  /** An object as it was told, and as it is now; undefined = it was, or is, not there. Gives what is known of it now. */
  change(
    before: Known | undefined,
    now: LinkStateObject | undefined,
    timeUs: number,
    records: NetRecord[],
  ): Known | undefined {
    if (!now) {
      if (!before) return undefined
      this.size--
      records.push(this.#record('withdraw', before.object.descriptors, {}, timeUs))
      return undefined
    }
    const text = JSON.stringify(now.attributes)
    if (!before) this.size++
    if (before?.text !== text) records.push(this.#record('update', now.descriptors, now.attributes, timeUs))
    return { object: now, text }
  }

  /** log_init, log_close. */
  marker(event: string, timeUs: number, more: NetRecord = {}): NetRecord {
    return {
      seq: this.#sequence++,
      timestamp: timeUs / 1e6,
      ...this.#context.envelope,
      event_type: event,
      ...more,
    }
  }

  #record(logType: string, descriptors: NetRecord, attributes: NetRecord, timeUs: number): NetRecord {
    const { envelope, localAs } = this.#context
    const { nlri_type, proto, ...rest } = descriptors
    const asn = localAs === undefined ? {} : { local_asn: localAs }
    return {
      seq: this.#sequence++,
      log_type: logType,
      timestamp: timeUs / 1e6,
      ...envelope,
      event_type: 'log',
      afi: AFI_LINK_STATE,
      safi: SAFI_LINK_STATE,
      ...attributes,
      nlri_type: nlri_type as string,
      proto: proto as string,
      ...asn,
      ...rest,
    }
  }
}
