// Flow messages off the network: UDP datagrams and IPFIX sessions, decoded together at the end of each turn of the event loop.
import type { Host } from '../contract/host.ts'
import { type Batch, recordBatch, type Stream } from '../contract/record.ts'
import type { FlowDecoder } from '../wire/flow/decoder.ts'
import type { Admission } from './admission.ts'
import type { RingReader } from './datagram-ring.ts'
import { type Account, dropPrivileges } from './drop-privileges.ts'
import { IpfixServer, type IpfixServerOptions } from './ipfix-server.ts'
import type { IpfixSession } from './ipfix-session.ts'
import { Turns } from './turns.ts'
import { UdpReceiver } from './udp-receiver.ts'
import type { UdpOptions } from './udp-sockets.ts'
import type { Upkeep } from './upkeep.ts'

export interface FlowNetworkOptions {
  readonly udp: UdpOptions
  readonly sessions: IpfixServerOptions
  /** Whom to become once the sockets are open. */
  readonly account: Account | undefined
}

/** An idle stream says so often what time it is. */
const HEARTBEAT_MS = 1000
/** Then the event loop has a turn, for signals and sessions. */
const DATAGRAMS_PER_TURN = 512
/** After the signal to stop, what sessions still have is read for at most so long. */
const DRAIN_MS = 2000

class FlowNetwork {
  readonly #decoder: FlowDecoder
  readonly #admission: Admission
  readonly #host: Host
  readonly #turns = new Turns()
  #udp: UdpReceiver | undefined
  #sessions: IpfixServer | undefined
  #reloads: number
  #ticked = false
  /** The last decoding stopped before the end of what is there. */
  #isMore = false

  constructor(decoder: FlowDecoder, admission: Admission, host: Host) {
    this.#decoder = decoder
    this.#admission = admission
    this.#host = host
    this.#reloads = host.reloads
  }

  async *stream(options: FlowNetworkOptions, upkeep: Upkeep): Stream {
    const { signal } = this.#host
    const stop = () => this.#turns.ring()
    const timer = setInterval(this.#tick, HEARTBEAT_MS)
    signal.addEventListener('abort', stop)
    try {
      await this.#open(options)
      let idle = true
      while (!signal.aborted) {
        await this.#turns.wait()
        for (const batch of this.#decode()) {
          idle = false
          yield batch
        }
        if (!this.#ticked) continue
        this.#ticked = false
        if (idle) yield recordBatch([], Math.floor(this.#turns.nowUs() / 1000))
        idle = true
        await this.#keepUp(upkeep)
      }
      yield* this.#drain()
    } finally {
      signal.removeEventListener('abort', stop)
      clearInterval(timer)
      this.#udp?.count()
      this.#sessions?.close()
      await this.#udp?.close()
    }
  }

  async #open({ udp, sessions, account }: FlowNetworkOptions): Promise<void> {
    const [turns, host] = [this.#turns, this.#host]
    if (udp.listen.length > 0) {
      const receiver = await UdpReceiver.open(udp, turns, host)
      this.#udp = receiver
      host.watch(() => receiver.readings())
    }
    if (sessions.tcp.length + sessions.tls.length > 0) {
      const server = await IpfixServer.open(sessions, this.#admission, turns, host)
      this.#sessions = server
      host.watch(() => server.readings())
    }
    if (account) dropPrivileges(account)
  }

  readonly #tick = () => {
    this.#turns.setClock()
    this.#udp?.count()
    this.#ticked = true
    this.#turns.ring()
  }

  async #keepUp(upkeep: Upkeep): Promise<void> {
    this.#udp?.tell()
    this.#sessions?.tell()
    await upkeep()
    if (this.#reloads === this.#host.reloads) return
    this.#reloads = this.#host.reloads
    await this.#sessions?.reload()
  }

  /** What came in; nothing is held back for a fuller batch, unless more is there already. */
  *#decode(): Generator<Batch> {
    this.#isMore = this.#udp ? yield* this.#decodeDatagrams(this.#udp.reader) : false
    if (this.#sessions) for (const session of this.#sessions.takeReady()) yield* this.#decodeSession(session)
    if (this.#isMore) this.#turns.ring()
    else yield* this.#decoder.flush()
  }

  /** Returns whether there are more. */
  *#decodeDatagrams(reader: RingReader): Generator<Batch, boolean> {
    const [decoder, admission] = [this.#decoder, this.#admission]
    for (let count = 0; count < DATAGRAMS_PER_TURN; count++) {
      if (!reader.next()) {
        if (reader.sleep()) return false
        reader.wake()
        continue
      }
      const { octets, view, start, end, peer, timeUs } = reader
      if (!admission.allows(peer.address)) continue
      for (const batch of decoder.decode(octets, view, start, end, peer, timeUs)) yield batch
    }
    reader.release()
    return true
  }

  *#decodeSession(session: IpfixSession): Generator<Batch> {
    const { octets, view, peer } = session
    while (session.next()) {
      yield* this.#decoder.decode(octets, view, session.start, session.end, peer, session.timeUs, session)
    }
    if (!session.problem && !session.ended) {
      session.resume()
      return
    }
    if (this.#sessions?.forget(session)) this.#decoder.end(session)
    if (session.problem) this.#host.report(session.problem)
    else if (session.rest > 0) {
      const message = `session of ${session.name}: it ended ${session.rest} octets into a message`
      this.#host.report({ code: 'ipfix-session/truncated', message })
    }
  }

  /** What the sockets still have when they shall stop. */
  async *#drain(): Stream {
    const until = performance.now() + DRAIN_MS
    let isOver: boolean
    this.#udp?.drain()
    do {
      isOver = this.#udp?.ended ?? true
      for (const batch of this.#decode()) yield batch
      // Two turns: the first may have been in the middle.
      await turn()
      await turn()
    } while (!isOver || this.#isMore || (this.#sessions?.isReady && performance.now() < until))
    for (const batch of this.#decode()) yield batch
  }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Throws a ProblemError when a socket cannot be opened. */
export function flowsOfNetwork(
  options: FlowNetworkOptions,
  decoder: FlowDecoder,
  admission: Admission,
  upkeep: Upkeep,
  host: Host,
): Stream {
  return new FlowNetwork(decoder, admission, host).stream(options, upkeep)
}
