// `tee`: datagrams in, the same datagrams out to receivers.
import type { Host } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import type { AllowList } from '../../maps/allow-list.ts'
import { LiveMap } from '../../maps/live-map.ts'
import type { PreTagMap } from '../../maps/pre-tag-map.ts'
import type { TagTest } from '../../maps/tag-filter.ts'
import type { TeeReceivers } from '../../maps/tee-receivers.ts'
import { Admission } from '../admission.ts'
import type { RingReader } from '../datagram-ring.ts'
import { type Account, dropPrivileges } from '../drop-privileges.ts'
import { Turns } from '../turns.ts'
import { UdpReceiver } from '../udp-receiver.ts'
import type { UdpOptions } from '../udp-sockets.ts'
import { Directory, type DirectoryOptions } from './directory.ts'
import { LoopGuard } from './loop-guard.ts'
import type { Pool } from './pool.ts'
import type { Receiver } from './receiver.ts'
import { Senders } from './sender.ts'
import { Splitter } from './splitter.ts'
import { DatagramTags, isOfDatagrams } from './tags.ts'
import { TemplateKeeper } from './template-keeper.ts'

export interface TeeOptions {
  readonly udp: UdpOptions
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
  readonly #turns = new Turns()
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
    this.#reloads = host.reloads
    this.#admission = new Admission(options.allow, host)
    this.#guard = new LoopGuard(options.udp.listen)
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
    const stop = () => this.#turns.ring()
    const timer = setInterval(this.#tick, HEARTBEAT_MS)
    signal.addEventListener('abort', stop)
    let udp: UdpReceiver | undefined
    try {
      await this.#directory.set(this.#options.receivers)
      udp = await UdpReceiver.open(this.#options.udp, this.#turns, this.#host)
      this.#watch(udp)
      if (this.#options.account) dropPrivileges(this.#options.account)
      while (!signal.aborted) {
        await this.#turns.wait()
        if (await this.#pass(udp.reader)) this.#turns.ring()
        if (this.#ticked) await this.#keepUp(udp)
      }
      udp.drain()
      while ((await this.#pass(udp.reader)) || !udp.ended) await turn()
      await this.#pass(udp.reader)
    } finally {
      signal.removeEventListener('abort', stop)
      clearInterval(timer)
      udp?.count()
      this.#directory.close()
      await udp?.close()
    }
  }

  #watch(udp: UdpReceiver): void {
    const host = this.#host
    host.watch(() => udp.readings())
    host.watch(() => this.#admission.readings())
    host.watch(() => this.#directory.readings())
    host.watch(() => [{ name: 'template_domains', value: this.#templates.size }])
  }

  readonly #tick = () => {
    this.#turns.setClock()
    this.#ticked = true
    this.#turns.ring()
  }

  async #keepUp(udp: UdpReceiver): Promise<void> {
    this.#ticked = false
    udp.count()
    udp.tell()
    this.#directory.keepUp()
    if (this.#host.reloads === this.#reloads) return
    this.#reloads = this.#host.reloads
    await this.#admission.reload()
    if (this.#tagMap && (await this.#tagMap.refresh())) this.#setTags(this.#tagMap.current)
    if (await this.#receivers.refresh()) await this.#change()
  }

  async #change(): Promise<void> {
    const added = await this.#directory.set(this.#receivers.current)
    if (!this.#options.replaysTemplates) return
    for (const { octets, exporter } of this.#templates.messages()) {
      for (const receiver of added) {
        if (this.#send(receiver, octets, 0, octets.length, exporter)) this.#host.count('templates-replayed')
      }
    }
    await this.#directory.flush()
  }

  /** Takes what came, up to some, and sends it; true when there may be more. */
  async #pass(reader: RingReader): Promise<boolean> {
    let count = 0
    while (count < DATAGRAMS_PER_TURN && reader.next()) {
      count++
      this.#take(reader)
    }
    if (count > 0) {
      const wait = this.#directory.flush()
      if (wait) await wait
    }
    if (count === DATAGRAMS_PER_TURN) {
      reader.release()
      return true
    }
    if (reader.sleep()) return false
    reader.wake()
    return true
  }

  #take(reader: RingReader): void {
    const { octets, view, start, end, peer } = reader
    if (!this.#admission.allows(peer.address)) return
    if (this.#guard.isOwn(peer)) {
      this.#host.count('dropped/loop')
      return
    }
    this.#templates.see(octets, view, start, end, peer)
    const tag = this.#tags?.tagOf(view, start, end, peer)
    const isSplit = this.#splitter?.read(octets, view, start, end, peer, reader.timeUs) ?? false
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
  #sendParts(splitter: Splitter, pool: Pool, wanted: TagTest, from: RingReader['peer']): boolean {
    let taken = false
    for (const receiver of pool.chosen(from, splitter.firstTag(wanted))) {
      const message = splitter.messageFor(receiver, wanted)
      if (message) taken = this.#send(receiver, message, 0, message.length, from) || taken
    }
    return taken
  }

  /** False when it is not known where the receiver is. */
  #send(receiver: Receiver, octets: Uint8Array, start: number, end: number, from: RingReader['peer']): boolean {
    const { sender, destination, target, token } = receiver
    if (!sender || !destination) {
      receiver.counts.errors++
      return false
    }
    sender.send(octets, start, end, target, destination, from, token)
    return true
  }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Runs until the host's signal. Throws a ProblemError when a socket cannot be opened. */
export async function runTee(options: TeeOptions, host: Host): Promise<void> {
  const { transparent, tos } = options.directory
  const needed = transparent ? '--transparent' : tos === undefined ? undefined : '--tos'
  const senders = await Senders.load(needed, options.plain)
  await new Tee(options, senders, host).run()
}
