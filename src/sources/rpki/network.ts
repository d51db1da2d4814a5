// RPKI data off caches: of the most preferred that has some (RFC 8210 section 10), until they expire.
import type { Host } from '../../contract/host.ts'
import type { Batch, Stream } from '../../contract/record.ts'
import { RpkiSet } from '../../lookup/rpki-set.ts'
import { payloadFields } from '../../wire/rpki/records.ts'
import { byTurns, type TurnWork } from '../turn-loop.ts'
import { Turns } from '../turns.ts'
import { apply, check, tellFull } from './changes.ts'
import { RtrClient } from './client.ts'
import { RpkiLog } from './log.ts'
import type { RpkiOptions } from './options.ts'
import { readings } from './readings.ts'
import type { Delivery } from './session.ts'

class RpkiNetwork implements TurnWork {
  readonly turns = new Turns()
  isDone = false
  readonly #host: Host
  readonly #options: RpkiOptions
  readonly #log = new RpkiLog()
  /** The most preferred first. */
  readonly #clients: readonly RtrClient[]
  /** Whose data these are. */
  #active: RtrClient | undefined
  #set = new RpkiSet()
  #expiryMs = Number.POSITIVE_INFINITY
  /** Timers are to be looked at. */
  #isDue = true

  constructor(options: RpkiOptions, host: Host) {
    this.#host = host
    this.#options = options
    this.#clients = options.caches.map(cache => new RtrClient(cache, options, this.turns))
  }

  open(): void {
    this.#host.watch(() => readings(this.#set))
    this.turns.ring()
  }

  tick(): void {
    this.#isDue = true
  }

  *take(): Generator<Batch> {
    const isDue = this.#isDue
    this.#isDue = false
    this.#log.setTime(this.turns.nowUs())
    if (isDue) this.#tend()
    for (const client of this.#clients) {
      for (const delivery of client.read()) {
        if (!this.isDone) yield* this.#deliver(client, delivery)
      }
      yield* this.#settle(client)
    }
    if (isDue && this.turns.nowMs() >= this.#expiryMs) yield* this.#expire()
    const batch = this.#log.flush()
    if (batch) yield batch
  }

  /** A cache is wanted while all that are preferred to it fail. */
  #tend(): void {
    const nowMs = this.turns.nowMs()
    for (const client of this.#clients) {
      client.tick(nowMs)
      if (!client.isFailing) return
    }
  }

  *#settle(client: RtrClient): Generator<Batch> {
    for (const problem of client.problems.splice(0)) this.#host.report(problem)
    if (client.isConnected || !client.isLogged) return
    client.isLogged = false
    yield* this.#log.event('log_close', client.peer, {})
  }

  *#deliver(client: RtrClient, delivery: Delivery): Generator<Batch> {
    const { peer } = client
    this.#host.count('deliveries')
    const problem = delivery.set ? undefined : check(this.#set, delivery.changes)
    if (problem) {
      client.fail(problem)
      return
    }
    const { sessionId, serial, timers } = delivery
    const isNews = !client.isLogged || delivery.set !== undefined || delivery.changes.length > 0
    if (!client.isLogged) {
      client.isLogged = true
      yield* this.#log.event('log_init', peer, { rtr_version: client.version, rtr_session_id: sessionId })
    }
    const changes = delivery.set?.changesSince(this.#set) ?? apply(this.#set, delivery.changes, this.#host)
    for (const change of changes) yield* this.#log.change(change, peer)
    if (delivery.set) this.#set = delivery.set
    tellFull(delivery.full, this.#host)
    this.#prefer(client)
    this.#expiryMs = this.turns.nowMs() + 1000 * timers.expire
    if (isNews) {
      const end = { rtr_session_id: sessionId, rtr_serial: serial, entries: this.#set.size }
      yield* this.#log.log('end-of-data', peer, end)
    }
    this.isDone = this.#options.once
  }

  /** Those that are less preferred are no longer needed. */
  #prefer(client: RtrClient): void {
    this.#active = client
    const place = this.#clients.indexOf(client)
    for (const [index, other] of this.#clients.entries()) {
      if (index > place) other.leave()
      // What is held now is not theirs.
      else if (other !== client) other.held = undefined
    }
  }

  *#expire(): Generator<Batch> {
    const peer = this.#active?.peer ?? {}
    const message = `the data of cache ${this.#active?.name} could not be refreshed in time: they are taken back`
    this.#host.report({ code: 'rtr-session/expired', message })
    for (const payload of this.#set) yield* this.#log.log('delete', peer, payloadFields(payload))
    yield* this.#log.log('end-of-data', peer, { entries: 0 })
    this.#set = new RpkiSet()
    this.#expiryMs = Number.POSITIVE_INFINITY
    this.#active?.leave()
    if (this.#active) yield* this.#settle(this.#active)
    this.#active = undefined
  }

  *end(): Generator<Batch> {
    this.#log.setTime(this.turns.nowUs())
    for (const client of this.#clients) {
      client.leave()
      yield* this.#settle(client)
    }
    const batch = this.#log.flush()
    if (batch) yield batch
  }

  close(): void {
    for (const client of this.#clients) client.leave()
  }
}

export function rpkiOfCaches(options: RpkiOptions, host: Host): Stream {
  const network = new RpkiNetwork(options, host)
  return byTurns(network, network.turns, host)
}
