// The pools in force: receivers with their addresses and sockets; changed as a whole, what stays keeps its counters and sockets.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Host, Reading } from '../../contract/host.ts'
import type { TeePool, TeeReceivers, TeeTopic } from '../../maps/tee-receivers.ts'
import { packetOf } from '../message/packet-datagram.ts'
import type { KafkaOptions } from './kafka-plugin.ts'
import type { LoopGuard } from './loop-guard.ts'
import { Pool } from './pool.ts'
import { Receiver } from './receiver.ts'
import type { Sender, Senders } from './sender.ts'

export interface DirectoryOptions {
  readonly transparent: boolean
  readonly sourceAddresses: readonly string[]
  readonly sourcePort: number
  readonly sendBufferOctets: number
  readonly tos: number | undefined
  /** Names are resolved again after so long. */
  readonly resolveMs: number
  readonly kafka: KafkaOptions
  /** The input can wait for receivers that are slow. */
  readonly waits: boolean
}

/** At the end, what is under way has so long to arrive. */
const IDLE_MS = 10_000
/** Numbers of receivers that are gone are used again when there are so many: outcomes may come late. */
const TOKENS = 100_000
/** Of datagrams to nobody one comes back each second at least: Linux says so no less often. */
const RECOVERED_MS = 3000

export class Directory {
  pools: readonly Pool[] = []
  readonly #options: DirectoryOptions
  readonly #senders: Senders
  readonly #guard: LoopGuard
  readonly #host: Host
  readonly #sockets = new Map<string, Sender>()
  /** By their tokens; receivers that are gone leave holes that are filled again. */
  readonly #receivers: (Receiver | undefined)[] = []
  #resolvedMs = performance.now()
  #resolving = false

  constructor(options: DirectoryOptions, senders: Senders, guard: LoopGuard, host: Host) {
    this.#options = options
    this.#senders = senders
    this.#guard = guard
    this.#host = host
  }

  /** Puts other pools in force; returns the receivers that are new. Throws a ProblemError when no socket can be had. */
  async set({ pools }: TeeReceivers): Promise<Receiver[]> {
    const before = new Map(this.#live().map(receiver => [keyOf(receiver.pool, receiver.name), receiver]))
    const added: Receiver[] = []
    const made: Pool[] = []
    for (const definition of pools) {
      const receivers = definition.receivers.map(one => {
        const known = before.get(keyOf(definition.id, one.name))
        if (known && before.delete(keyOf(definition.id, one.name))) return known
        const receiver = new Receiver(definition.id, one, this.#freeToken())
        this.#receivers[receiver.token] = receiver
        added.push(receiver)
        return receiver
      })
      made.push(new Pool(definition, receivers))
    }
    for (const pool of made) await Promise.all(pool.receivers.map(one => this.#resolve(one, pool.definition)))
    this.pools = made
    for (const gone of before.values()) this.#receivers[gone.token] = undefined
    this.#closeTopics()
    return added
  }

  /** Counts what became of a datagram. */
  readonly outcome = (token: number, octets: number, error: string | undefined): void => {
    const receiver = this.#receivers[token]
    if (error !== undefined) {
      this.#host.count(`send-errors/${error}`)
      const name = receiver?.name ?? 'a receiver'
      this.#host.report({ note: true, code: 'tee/send', message: `${name} cannot be sent to: ${error}` })
      if (receiver) receiver.counts.errors++
    } else if (receiver) {
      receiver.counts.datagrams++
      receiver.counts.octets += octets
    }
  }

  /** Counts a datagram that came back: nobody listens there, or there is no way. */
  readonly returned = (target: Uint8Array, code: string): void => {
    const receiver = this.#receivers.find(one => one?.isAt(target))
    this.#host.count(`returned/${code}`)
    if (!receiver) return
    receiver.counts.returned++
    receiver.returnedMs = performance.now()
    this.#host.report({
      note: true,
      code: 'tee/returned',
      message: `${receiver.name} does not take datagrams: ${code}`,
    })
  }

  /** Receivers that take datagrams again after some came back: told once. */
  recovered(): Receiver[] {
    for (const socket of this.#sockets.values()) socket.readReturned?.()
    const before = performance.now() - RECOVERED_MS
    const found = this.#live().filter(({ returnedMs }) => returnedMs !== undefined && returnedMs < before)
    for (const receiver of found) receiver.returnedMs = undefined
    return found
  }

  /** What all sockets have is sent. */
  flush(): Promise<unknown> | undefined {
    const waits: Promise<void>[] = []
    for (const socket of this.#sockets.values()) {
      const wait = socket.flush()
      if (wait) waits.push(wait)
    }
    return waits.length > 0 ? Promise.all(waits) : undefined
  }

  /** Resolves names again when it is time; returns at once. */
  keepUp(): void {
    if (this.#resolving || performance.now() - this.#resolvedMs < this.#options.resolveMs) return
    this.#resolving = true
    this.#guard.refresh()
    const all = this.pools.flatMap(pool => pool.receivers.map(one => this.#resolve(one, pool.definition)))
    Promise.all(all).finally(() => {
      this.#resolving = false
      this.#resolvedMs = performance.now()
    })
  }

  /** Resolves when nothing is under way any more, or after some time: false. */
  idle(): Promise<boolean> {
    const waits = [...this.#sockets.values()].map(socket => socket.idle?.())
    return Promise.race([Promise.all(waits).then(() => true), pause(IDLE_MS, false, { ref: false })])
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close()
  }

  /** Of topics that nobody is sent to any more. */
  #closeTopics(): void {
    const used = new Set(this.#live().map(({ sender }) => sender))
    for (const [key, sender] of this.#sockets) {
      if (!key.startsWith(TOPIC_KEY) || used.has(sender)) continue
      this.#sockets.delete(key)
      // What it has is sent first, if the brokers are there.
      void Promise.race([sender.idle?.(), pause(IDLE_MS, undefined, { ref: false })]).finally(() => sender.close())
    }
  }

  *readings(): Iterable<Reading> {
    for (const { pool, name, counts } of this.#live()) {
      const labels = { pool, receiver: name }
      yield { name: 'receiver_datagrams', labels, value: counts.datagrams }
      yield { name: 'receiver_octets', labels, value: counts.octets }
      yield { name: 'receiver_errors', labels, value: counts.errors }
      yield { name: 'receiver_returned', labels, value: counts.returned }
    }
  }

  #live(): Receiver[] {
    return this.#receivers.filter(receiver => receiver !== undefined)
  }

  #freeToken(): number {
    const hole = this.#receivers.length < TOKENS ? -1 : this.#receivers.indexOf(undefined)
    return hole < 0 ? this.#receivers.length : hole
  }

  /** A name that cannot be resolved keeps the address that it had. */
  async #resolve(receiver: Receiver, definition: TeePool): Promise<void> {
    if (receiver.topic) {
      if (!receiver.sender) receiver.place(receiver.name, await this.#topic(receiver.topic))
      return
    }
    const address = await this.#addressOf(receiver)
    if (address === undefined) return
    if (this.#guard.isListening(address, receiver.port)) {
      receiver.unplace()
      this.#host.count('loops/receiver')
      this.#host.report({
        code: 'tee/loop',
        message: `receiver ${receiver.name} is a socket of this tee: nothing is sent to it`,
      })
      return
    }
    if (receiver.destination?.address === address && receiver.sender === (await this.#socket(address, definition)))
      return
    receiver.place(address, await this.#socket(address, definition))
  }

  async #addressOf({ host, name }: Receiver): Promise<string | undefined> {
    if (isIP(host) !== 0) return host
    try {
      const { address } = await lookup(host, this.#lookupFamily())
      return address
    } catch (error) {
      this.#host.count('resolve-errors')
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      this.#host.report({ note: true, code: 'tee/resolve', message: `receiver ${name} cannot be resolved: ${reason}` })
      return undefined
    }
  }

  /** A source address of one family only leaves only that. */
  #lookupFamily(): { family: 0 | 4 | 6 } {
    const families = new Set(this.#options.sourceAddresses.map(address => isIP(address)))
    return { family: families.size === 1 ? ([...families][0] as 4 | 6) : 0 }
  }

  async #topic(topic: TeeTopic): Promise<Sender> {
    const key = `${TOPIC_KEY}${topic.brokers} ${topic.topic}`
    const { kafka, waits } = this.#options
    const plugin = await kafka.load()
    const open = this.#sockets.get(key)
    if (open) return open
    const form = kafka.isPacket ? packetOf : undefined
    const sender = plugin.openTopic({ ...topic, config: kafka.config, form, waits }, this.outcome, this.#host)
    this.#sockets.set(key, sender)
    return sender
  }

  /** One socket a family and source port. */
  async #socket(address: string, definition: TeePool): Promise<Sender> {
    const { transparent, sourceAddresses, sourcePort, sendBufferOctets, tos } = this.#options
    const family = isIP(address) === 4 ? 4 : 6
    const port = transparent ? 0 : (definition.sourcePort ?? sourcePort)
    const key = `${family} ${port}`
    const open = this.#sockets.get(key)
    if (open) return open
    const source = sourceAddresses.find(one => isIP(one) === family)
    const options = { family, transparent, address: source, port, sendBufferOctets, tos } as const
    const socket = await this.#senders.open(options, this.outcome, this.returned)
    const other = this.#sockets.get(key)
    if (other) {
      socket.close()
      return other
    }
    this.#sockets.set(key, socket)
    this.#guard.setPorts([...this.#sockets.values()].map(one => one.port).filter(own => own > 0))
    return socket
  }
}

const TOPIC_KEY = 'kafka '
const keyOf = (pool: string, name: string): string => `${pool} ${name}`
