// BGP sessions off the network, read at the end of each turn of the event loop.
import type { Host } from '../../contract/host.ts'
import type { Batch, Stream } from '../../contract/record.ts'
import { bgpProblem, CEASE } from '../../wire/bgp/notification.ts'
import type { RouteRecords } from '../../wire/bgp/records.ts'
import type { Admission } from '../admission.ts'
import { TcpSockets } from '../tcp-sockets.ts'
import { byTurns, type TurnWork } from '../turn-loop.ts'
import { Turns } from '../turns.ts'
import type { BgpOptions } from './bgp-options.ts'
import { collision } from './collision.ts'
import type { BgpPeer } from './peer.ts'
import { BgpSpeaker } from './speaker.ts'

/** Our last words are on their way so long. */
const FAREWELL_MS = 200
const ADMINISTRATIVE_SHUTDOWN = 2
const PEER_DECONFIGURED = 3
const SHUTDOWN_WORDS = 'netally bgp-recv ends'

class BgpNetwork implements TurnWork {
  readonly turns = new Turns()
  readonly #host: Host
  readonly #records: RouteRecords
  readonly #admission: Admission
  readonly #speaker: BgpSpeaker
  readonly #sockets: TcpSockets | undefined

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
    this.#speaker = new BgpSpeaker(options, context, admission, this.turns, sockets)
  }

  async open(): Promise<void> {
    this.#host.watch(() => this.#speaker.readings())
    await this.#speaker.open()
  }

  tick(): void {
    this.#speaker.tick(this.turns.nowMs())
  }

  async keepUp(isReloaded: boolean): Promise<void> {
    if (isReloaded) await this.#reload()
  }

  *take(): Generator<Batch> {
    for (const peer of this.#speaker.takeReady()) {
      yield* peer.read(() => collision(peer, this.#speaker.peers))
      this.#settle(peer)
    }
    const batch = this.#records.flush()
    if (batch) yield batch
    this.#speaker.tell()
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
    this.#speaker.tick(this.turns.nowMs())
  }

  /** What has come is read, then every peer is told (RFC 9003). */
  async *end(): Stream {
    this.#speaker.stopListening()
    yield* this.take()
    const words = Buffer.from(SHUTDOWN_WORDS)
    const data = Uint8Array.of(words.length, ...words)
    const peers = [...this.#speaker.peers]
    for (const peer of peers) {
      const problem = {
        ...bgpProblem(CEASE, ADMINISTRATIVE_SHUTDOWN, 'netally was told to end', data),
        note: true as const,
      }
      yield* peer.end(problem, this.turns.nowUs())
      this.#settle(peer)
    }
    const batch = this.#records.flush()
    if (batch) yield batch
    if (peers.length > 0) await new Promise(resolve => setTimeout(resolve, FAREWELL_MS))
  }

  close(): void {
    this.#speaker.close()
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
  const network = new BgpNetwork(options, sockets, records, admission, host)
  yield* byTurns(network, network.turns, host)
}
