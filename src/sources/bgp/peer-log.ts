// What one peer says as records: log_init, its routes, log_close.
import type { Batch, NetRecord, Value } from '../../contract/record.ts'
import type { Open } from '../../wire/bgp/open.ts'
import type { Envelope, RouteRecords } from '../../wire/bgp/records.ts'
import type { Update } from '../../wire/bgp/update.ts'

/** Keys of Envelope.values, in pmacct's order. */
export const ENVELOPE_KEYS = ['timestamp', 'peer_ip_src', 'peer_tcp_port', 'event_type'] as const

export interface PeerAddress {
  readonly address: string
  readonly port: number
}

export class PeerLog {
  readonly #records: RouteRecords
  readonly #peer: PeerAddress
  /** log_init was written, and no log_close. */
  isOpen = false
  #envelope: Envelope = { values: [] }
  #timeUs = -1

  constructor(records: RouteRecords, peer: PeerAddress) {
    this.#records = records
    this.#peer = peer
  }

  /** Session up. What the peer's OPEN said goes into the record; pmacct's has no such keys. */
  *open(timeUs: number, open: Open | undefined, compat: boolean): Generator<Batch> {
    if (this.isOpen) return
    this.isOpen = true
    const said = open && !compat ? { peer_id: open.routerId, peer_as: open.as } : {}
    yield* this.#marker('log_init', timeUs, said)
  }

  *close(timeUs: number): Generator<Batch> {
    if (!this.isOpen) return
    this.isOpen = false
    yield* this.#marker('log_close', timeUs, {})
  }

  *update(update: Update, timeUs: number): Generator<Batch> {
    if (timeUs !== this.#timeUs) {
      const { address, port } = this.#peer
      const values: Value[] = [timeUs / 1e6, address, port, 'log']
      this.#envelope = { values }
      this.#timeUs = timeUs
    }
    yield* this.#records.update(update, this.#envelope, Math.floor(timeUs / 1000))
  }

  *#marker(event: string, timeUs: number, said: NetRecord): Generator<Batch> {
    const { address, port } = this.#peer
    const record = { timestamp: timeUs / 1e6, peer_ip_src: address, peer_tcp_port: port, event_type: event, ...said }
    yield* this.#records.record(record, Math.floor(timeUs / 1000))
  }
}
