// What nodes said, between the connections and the output: connections pause while the output is behind.
import {
  type Batch,
  byTurns,
  type Host,
  type NetRecord,
  type Problem,
  RECORDS_PER_BATCH,
  recordBatch,
  type Stream,
  Turns,
} from 'netally'
import type { Payload } from './payload.ts'

/** So many records may wait; then connections pause until half of them are gone. */
const WAITING = 1000
/** Problems that wait to be told; there may be one for each message. */
const PROBLEMS = 100

/** A connection that can wait. */
export interface Pausable {
  pause(): void
  resume(): void
}

/** Who said it. */
export interface Node {
  readonly address: string
  readonly port: number
  /** As the user names it. */
  readonly target: string | undefined
}

export interface Upkeep {
  /** Once a second; `isReloaded`: SIGHUP came since. */
  upkeep(nowMs: number, isReloaded: boolean): Promise<void> | void
  /** Nothing more will come. */
  isOver(): boolean
}

export class Inbox {
  readonly #host: Host
  readonly #connections = new Set<Pausable>()
  readonly #turns = new Turns()
  #records: NetRecord[] = []
  #problems: Problem[] = []
  #nowMs = 0
  #seq = 0
  #isPaused = false

  constructor(host: Host) {
    this.#host = host
  }

  /** A connection that pauses with the others. */
  attach(connection: Pausable): void {
    this.#connections.add(connection)
    if (this.#isPaused) connection.pause()
  }

  detach(connection: Pausable): void {
    this.#connections.delete(connection)
  }

  /** Where a node is heard for the first time, and where it is gone. */
  mark(kind: 'log_init' | 'log_close', { address, port, target }: Node): void {
    const nowMs = Date.now()
    const record: NetRecord = { event_type: kind, seq: this.#seq++, timestamp: nowMs / 1000, telemetry_node: address }
    record.telemetry_node_port = port
    if (target !== undefined) record.telemetry_target = target
    this.#add(record, nowMs)
  }

  log({ address, port, target }: Node, { data, serialization, protocol }: Payload): void {
    const nowMs = Date.now()
    const record: NetRecord = {
      event_type: 'log',
      seq: this.#seq++,
      timestamp: nowMs / 1000,
      telemetry_node: address,
      telemetry_port: port,
      telemetry_data: data,
      serialization,
      session_protocol: protocol,
    }
    const said = (data as { target?: unknown } | null)?.target
    const name = typeof said === 'string' ? said : target
    if (name !== undefined) record.telemetry_target = name
    this.#host.count('telemetry-messages')
    this.#add(record, nowMs)
  }

  /** Told from the stream, because under --strict a problem ends that. */
  note(problem: Problem): void {
    if (this.#problems.length < PROBLEMS) this.#problems.push(problem)
    this.ring()
  }

  ring(): void {
    this.#turns.ring()
  }

  #add(record: NetRecord, nowMs: number): void {
    if (nowMs > this.#nowMs) this.#nowMs = nowMs
    this.#records.push(record)
    if (this.#records.length >= WAITING) this.#pause()
    this.ring()
  }

  #pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#host.count('pauses')
    for (const connection of this.#connections) connection.pause()
  }

  #resume(): void {
    this.#isPaused = false
    for (const connection of this.#connections) connection.resume()
  }

  /** Until the signal, or until there is no more work. */
  stream(work: Upkeep): Stream {
    const take = () => this.rest()
    const turns = {
      open() {},
      take,
      keepUp: (isReloaded: boolean) => work.upkeep(Date.now(), isReloaded),
      get isDone() {
        return work.isOver()
      },
      end: take,
      close() {},
    }
    return byTurns(turns, this.#turns, this.#host)
  }

  /** What there is, also after the end. */
  *rest(): Generator<Batch> {
    this.#tell()
    while (this.#records.length > 0) {
      const records = this.#records
      this.#records = []
      for (let from = 0; from < records.length; from += RECORDS_PER_BATCH) {
        yield recordBatch(records.slice(from, from + RECORDS_PER_BATCH), this.#nowMs)
      }
    }
    if (this.#isPaused) this.#resume()
    this.#tell()
  }

  #tell(): void {
    const problems = this.#problems
    this.#problems = []
    for (const problem of problems) this.#host.report(problem)
  }
}
