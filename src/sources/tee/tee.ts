// `tee`: datagrams in, the same datagrams out to receivers.
import { setImmediate as turn } from 'node:timers/promises'
import type { Host } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import type { AllowList } from '../../maps/allow-list.ts'
import { LiveMap } from '../../maps/live-map.ts'
import type { PreTagMap } from '../../maps/pre-tag-map.ts'
import type { TagTest } from '../../maps/tag-filter.ts'
import type { TeeReceivers } from '../../maps/tee-receivers.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import { Admission } from '../admission.ts'
import { type Account, dropPrivileges } from '../drop-privileges.ts'
import type { UdpOptions } from '../udp-sockets.ts'
import { Directory, type DirectoryOptions } from './directory.ts'
import { FeedInput } from './feed-input.ts'
import type { Datagrams, TeeInput } from './input.ts'
import type { TopicFeedOptions } from './kafka-plugin.ts'
import { LoopGuard } from './loop-guard.ts'
import { NativeInput } from './native-input.ts'
import type { Pool } from './pool.ts'
import type { Receiver } from './receiver.ts'
import { RingInput } from './ring-input.ts'
import { Senders } from './sender.ts'
import { Splitter } from './splitter.ts'
import { DatagramTags, isOfDatagrams } from './tags.ts'
import { TemplateKeeper } from './template-keeper.ts'

export interface TeeOptions {
  readonly udp: UdpOptions
  /** Datagrams come from there instead. */
  readonly from: Omit<TopicFeedOptions, 'config'> | undefined
  readonly account: Account | undefined
  readonly allow: AllowList | undefined
  readonly receivers: TeeReceivers
  readonly readReceivers: () => Promise<TeeReceivers | Problem>
  readonly tagMap: PreTagMap | undefined
  readonly readTagMap: () => Promise<PreTagMap | Problem>
  readonly directory: DirectoryOptions
  /** One system call a datagram, though more would go. */
  readonly plain: boolean
  /** New receivers get the templates that were kept. */
  readonly replaysTemplates: boolean
}

const HEARTBEAT_MS = 1000
/** Then what was taken is sent, and the event loop has a turn. */
const DATAGRAMS_PER_TURN = 256

class Tee {
  readonly #options: TeeOptions
  readonly #host: Host
  readonly #senders: Senders
  readonly #admission: Admission
  readonly #guard: LoopGuard
  readonly #templates: TemplateKeeper
  readonly #receivers: LiveMap<TeeReceivers>
  readonly #tagMap: LiveMap<PreTagMap> | undefined
  readonly #directory: Directory
  #tags: DatagramTags | undefined
  /** Where the map asks for what single flows have. */
  #splitter: Splitter | undefined
  #ticked = false
  #reloads: number

  constructor(options: TeeOptions, senders: Senders, host: Host) {
    this.#options = options
    this.#host = host
    this.#senders = senders
    this.#reloads = host.reloads
    this.#admission = new Admission(options.allow, host)
    this.#guard = new LoopGuard(options.from ? [] : options.udp.listen)
    this.#templates = new TemplateKeeper(host)
    this.#receivers = new LiveMap(options.receivers, options.readReceivers, host)
    this.#tagMap = options.tagMap && new LiveMap(options.tagMap, options.readTagMap, host)
    if (options.tagMap) this.#setTags(options.tagMap)
    this.#directory = new Directory(options.directory, senders, this.#guard, host)
  }

  #setTags(map: PreTagMap): void {
    const ofDatagrams = isOfDatagrams(map)
    this.#tags = ofDatagrams ? new DatagramTags(map) : undefined
    this.#splitter = ofDatagrams ? undefined : new Splitter(map, this.#templates, this.#host)
  }

  async run(): Promise<void> {
    const { signal } = this.#host
    let input: TeeInput | undefined
    const stop = () => input?.ring()
    const tick = () => {
      this.#ticked = true
      input?.ring()
    }
    const timer = setInterval(tick, HEARTBEAT_MS)
    signal.addEventListener('abort', stop)
    try {
      await this.#directory.set(this.#options.receivers)
      input = await this.#open()
      this.#watch()
      if (this.#options.account) dropPrivileges(this.#options.account)
      while (!signal.aborted && !input.ended) {
        if (await this.#pass(input)) await turn()
        else await input.wait()
        if (this.#ticked) await this.#keepUp(input)
      }
      input.drain()
      while ((await this.#pass(input)) || !input.ended) await turn()
      await this.#pass(input)
      await this.#directory.idle()
    } finally {
      signal.removeEventListener('abort', stop)
      clearInterval(timer)
      this.#directory.close()
      await input?.close()
    }
  }

  /** Groups are joined by sockets of Node.js only. */
  async #open(): Promise<TeeInput> {
    const { udp, from, directory } = this.#options
    if (from) {
      const { load, config } = directory.kafka
      const plugin = await load()
      const connect = () => plugin.connectFeed({ ...from, config }, this.#host)
      return new FeedInput({ connect, settled: () => this.#directory.idle(), untilEnd: from.untilEnd }, this.#host)
    }
    const { plugin } = this.#senders
    if (plugin && udp.multicast.length === 0) return NativeInput.open(udp, plugin, this.#host)
    return RingInput.open(udp, this.#host)
  }

  #watch(): void {
    const host = this.#host
    host.watch(() => this.#admission.readings())
    host.watch(() => this.#directory.readings())
    host.watch(() => [{ name: 'template_domains', value: this.#templates.size }])
  }

  async #keepUp(input: TeeInput): Promise<void> {
    this.#ticked = false
    input.keepUp()
    this.#directory.keepUp()
    await this.#replayTemplates(this.#directory.recovered())
    if (this.#host.reloads === this.#reloads) return
    this.#reloads = this.#host.reloads
    await this.#admission.reload()
    if (this.#tagMap && (await this.#tagMap.refresh())) this.#setTags(this.#tagMap.current)
    if (await this.#receivers.refresh()) await this.#change()
  }

  async #change(): Promise<void> {
    await this.#replayTemplates(await this.#directory.set(this.#receivers.current))
  }

  /** Receivers that are new, or take datagrams again, need not wait for them. */
  async #replayTemplates(receivers: readonly Receiver[]): Promise<void> {
    if (!this.#options.replaysTemplates || receivers.length === 0) return
    for (const { octets, exporter } of this.#templates.messages()) {
      for (const receiver of receivers) {
        if (this.#send(receiver, octets, 0, octets.length, exporter)) this.#host.count('templates-replayed')
      }
    }
    await this.#directory.flush()
  }

  /** Takes what came, up to some, and sends it; true when there may be more. */
  async #pass(input: TeeInput): Promise<boolean> {
    const { datagrams } = input
    let count = 0
    while (count < DATAGRAMS_PER_TURN && datagrams.next()) {
      count++
      this.#take(datagrams)
    }
    if (count > 0) {
      const wait = this.#directory.flush()
      if (wait) await wait
    }
    return input.done(count === DATAGRAMS_PER_TURN)
  }

  #take(datagrams: Datagrams): void {
    const { octets, view, start, end, peer } = datagrams
    if (!this.#admission.allows(peer.address)) return
    if (this.#guard.isOwn(peer)) {
      this.#host.count('dropped/loop')
      return
    }
    this.#templates.see(octets, view, start, end, peer)
    const tag = this.#tags?.tagOf(view, start, end, peer)
    const isSplit = this.#splitter?.read(octets, view, start, end, peer, datagrams.timeUs) ?? false
    if (this.#splitter && !isSplit) this.#host.count('not-split')
    let taken = false
    for (const pool of this.#directory.pools) {
      const { tag: wanted } = pool.definition
      if (this.#splitter && wanted) taken = (isSplit && this.#sendParts(this.#splitter, pool, wanted, peer)) || taken
      else if (pool.takes(tag)) {
        for (const receiver of pool.chosen(peer, tag)) taken = this.#send(receiver, octets, start, end, peer) || taken
      }
    }
    if (!taken) this.#host.count('dropped/no-receiver')
  }

  /** The records that are for a pool, and what everybody needs. */
  #sendParts(splitter: Splitter, pool: Pool, wanted: TagTest, from: Exporter): boolean {
    let taken = false
    for (const receiver of pool.chosen(from, splitter.firstTag(wanted))) {
      const message = splitter.messageFor(receiver, wanted)
      if (message) taken = this.#send(receiver, message, 0, message.length, from) || taken
    }
    return taken
  }

  /** False when it is not known where the receiver is. */
  #send(receiver: Receiver, octets: Uint8Array, start: number, end: number, from: Exporter): boolean {
    const { sender, destination, target, token } = receiver
    if (!sender || !destination) {
      receiver.counts.errors++
      return false
    }
    sender.send(octets, start, end, target, destination, from, token)
    return true
  }
}

/** Runs until the host's signal. Throws a ProblemError when a socket cannot be opened. */
export async function runTee(options: TeeOptions, host: Host): Promise<void> {
  const { transparent, tos } = options.directory
  const needed = transparent ? '--transparent' : tos === undefined ? undefined : '--tos'
  const senders = await Senders.load(needed, options.plain)
  await new Tee(options, senders, host).run()
}
