// What happens to the data as records, numbered, in batches.
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch } from '../../contract/record.ts'
import type { Change } from '../../lookup/rpki-set.ts'
import { payloadFields } from '../../wire/rpki/records.ts'

/** `delete`: its time is over, and nobody withdrew it. */
export type LogType = 'update' | 'withdraw' | 'delete' | 'end-of-data'

export class RpkiLog {
  #seq = 0
  #records: NetRecord[] = []
  #timeUs = 0

  /** Of all records from here on. */
  setTime(timeUs: number): void {
    this.#timeUs = timeUs
  }

  /** `peer` has peer_ip_src and peer_tcp_port, or nothing for files. */
  *event(event: 'log_init' | 'log_close', peer: NetRecord, fields: NetRecord): Generator<Batch> {
    yield* this.#add({ seq: this.#seq++, timestamp: this.#timeUs / 1e6, ...peer, event_type: event, ...fields })
  }

  *log(type: LogType, peer: NetRecord, fields: NetRecord): Generator<Batch> {
    const timestamp = this.#timeUs / 1e6
    yield* this.#add({ seq: this.#seq++, log_type: type, timestamp, ...peer, event_type: 'log', ...fields })
  }

  change({ announced, payload }: Change, peer: NetRecord): Generator<Batch> {
    return this.log(announced ? 'update' : 'withdraw', peer, payloadFields(payload))
  }

  *#add(record: NetRecord): Generator<Batch> {
    this.#records.push(record)
    if (this.#records.length < RECORDS_PER_BATCH) return
    const batch = this.flush()
    if (batch) yield batch
  }

  /** What was not yielded so far. */
  flush(): Batch | undefined {
    if (this.#records.length === 0) return undefined
    const batch = recordBatch(this.#records, Math.floor(this.#timeUs / 1000))
    this.#records = []
    return batch
  }
}
