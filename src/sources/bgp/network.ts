// BGP sessions off the network, read at the end of each turn of the event loop.
import type { Host } from '../../contract/host.ts'
import { type Batch, recordBatch, type Stream } from '../../contract/record.ts'
import { bgpProblem, CEASE } from '../../wire/bgp/notification.ts'
import type { RouteRecords } from '../../wire/bgp/records.ts'
import type { Admission } from '../admission.ts'
import { TcpSockets } from '../tcp-sockets.ts'
import { Turns } from '../turns.ts'
import type { BgpOptions } from './bgp-options.ts'
import { collision } from './collision.ts'
import type { BgpPeer } from './peer.ts'
import { BgpSpeaker } from './speaker.ts'

/** An idle stream says so often what time it is; timers of sessions are looked at. */
const HEARTBEAT_MS = 1000
/** Our last words are on their way so long. */
const FAREWELL_MS = 200
const ADMINISTRATIVE_SHUTDOWN = 2
const PEER_DECONFIGURED = 3
const SHUTDOWN_WORDS = 'netally bgp-recv ends'

class BgpNetwork {
  readonly #host: Host
  readonly #records: RouteRecords
  readonly #admission: Admission
  readonly #speaker: BgpSpeaker
  readonly #sockets: TcpSockets | undefined
  readonly #turns = new Turns()
  #ticked = false

  constructor(
    options: BgpOptions,
    sockets: TcpSockets | undefined,
    records: RouteRecords,
    admission: Admission,
    host: Host,
  ) {
    this.#host = host
    this.#sockets = sockets
    this.#records = records
    this.#admission = admission
    const context = { speaker: options.speaker, records, host, compat: options.compat }
    this.#speaker = new BgpSpeaker(options, context, admission, this.#turns, sockets)
  }

  async *stream(): Stream {
    const { signal } = this.#host
    const speaker = this.#speaker
    const stop = () => this.#turns.ring()
    const timer = setInterval(this.#tick, HEARTBEAT_MS)
    signal.addEventListener('abort', stop)
    this.#host.watch(() => speaker.readings())
    let { reloads } = this.#host
    try {
      await speaker.open()
      let idle = true
      while (!signal.aborted) {
        await this.#turns.wait()
        for (const batch of this.#read()) {
          idle = false
          yield batch
        }
        speaker.tell()
        if (!this.#ticked) continue
        this.#ticked = false
        if (idle) yield recordBatch([], this.#nowMs())
        idle = true
        if (reloads === this.#host.reloads) continue
        reloads = this.#host.reloads
        await this.#reload()
      }
      speaker.stopListening()
      yield* this.#endAll()
    } finally {
      signal.removeEventListener('abort', stop)
      clearInterval(timer)
      speaker.close()
    }
  }

  readonly #tick = () => {
    this.#turns.setClock()
    this.#speaker.tick(this.#nowMs())
    this.#ticked = true
    this.#turns.ring()
  }

  #nowMs(): number {
    return Math.floor(this.#turns.nowUs() / 1000)
  }

  /** All that came in; nothing is held back for a fuller batch. */
  *#read(): Generator<Batch> {
    for (const peer of this.#speaker.takeReady()) {
      yield* peer.read(() => collision(peer, this.#speaker.peers))
      this.#settle(peer)
    }
    const batch = this.#records.flush()
    if (batch) yield batch
  }

  #settle(peer: BgpPeer): void {
    if (peer.session.state === 'ended') this.#speaker.forget(peer)
  }

  /** Peers that the allow list no longer has are sent away. */
  async #reload(): Promise<void> {
    await this.#sockets?.reload(this.#host)
    await this.#admission.reload()
    for (const peer of this.#speaker.peers) {
      if (this.#admission.has(peer.address)) continue
      peer.problem = bgpProblem(CEASE, PEER_DECONFIGURED, 'its address is no longer allowed')
    }
    this.#speaker.tick(this.#nowMs())
  }

  /** What has come is read, then every peer is told (RFC 9003). */
  async *#endAll(): Stream {
    yield* this.#read()
    const words = Buffer.from(SHUTDOWN_WORDS)
    const data = Uint8Array.of(words.length, ...words)
    const peers = [...this.#speaker.peers]
    for (const peer of peers) {
      const problem = {
        ...bgpProblem(CEASE, ADMINISTRATIVE_SHUTDOWN, 'netally was told to end', data),
        note: true as const,
      }
      yield* peer.end(problem, this.#turns.nowUs())
      this.#settle(peer)
    }
    const batch = this.#records.flush()
    if (batch) yield batch
    if (peers.length > 0) await new Promise(resolve => setTimeout(resolve, FAREWELL_MS))
  }
}

/** Throws a ProblemError when a socket cannot be opened. */
export async function* bgpOfNetwork(
  options: BgpOptions,
  records: RouteRecords,
  admission: Admission,
  host: Host,
): Stream {
  const sockets = await TcpSockets.open(options)
  yield* new BgpNetwork(options, sockets, records, admission, host).stream()
}
