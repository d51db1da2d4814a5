// Telemetry off the network, decoded together at the end of each turn of the event loop.
import type { Host } from '../../contract/host.ts'
import { type Batch, recordBatch, type Stream } from '../../contract/record.ts'
import type { TelemetryDecoder } from '../../wire/telemetry/decoder.ts'
import type { Admission } from '../admission.ts'
import type { RingReader } from '../datagram-ring.ts'
import { dropPrivileges } from '../drop-privileges.ts'
import { Turns } from '../turns.ts'
import { UdpReceiver } from '../udp-receiver.ts'
import type { TelemetryNetworkOptions } from './options.ts'
import { TelemetryServer } from './server.ts'
import type { TelemetrySession } from './session.ts'

/** An idle stream says so often what time it is. */
const HEARTBEAT_MS = 1000
/** Then the event loop has a turn, for signals and sessions. */
const DATAGRAMS_PER_TURN = 512
/** After the signal to stop, what sessions still have is read for at most so long. */
const DRAIN_MS = 2000

class TelemetryNetwork {
  readonly #decoder: TelemetryDecoder
  readonly #admission: Admission
  readonly #host: Host
  readonly #turns = new Turns()
  #udp: UdpReceiver | undefined
  #server: TelemetryServer | undefined
  #reloads: number
  #ticked = false
  /** The last decoding stopped before the end of what is there. */
  #isMore = false

  constructor(decoder: TelemetryDecoder, admission: Admission, host: Host) {
    this.#decoder = decoder
    this.#admission = admission
    this.#host = host
    this.#reloads = host.reloads
  }

  async *stream(options: TelemetryNetworkOptions): Stream {
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
        await this.#keepUp()
      }
      yield* this.#drain()
    } finally {
      signal.removeEventListener('abort', stop)
      clearInterval(timer)
      this.#udp?.count()
      this.#server?.close()
      await this.#udp?.close()
    }
  }

  async #open({ udp, sessions, account }: TelemetryNetworkOptions): Promise<void> {
    const host = this.#host
    if (udp.listen.length > 0) {
      const receiver = await UdpReceiver.open(udp, this.#turns, host)
      this.#udp = receiver
      host.watch(() => receiver.readings())
    }
    if (sessions.tcp.length > 0) {
      const server = await TelemetryServer.open(sessions, this.#admission, this.#turns, host)
      this.#server = server
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

  async #keepUp(): Promise<void> {
    this.#udp?.tell()
    this.#server?.tell()
    this.#decoder.expire(this.#turns.nowUs())
    if (this.#reloads === this.#host.reloads) return
    this.#reloads = this.#host.reloads
    await this.#admission.reload()
    this.#server?.reload()
  }

  /** What came in; nothing is held back for a fuller batch, unless more is there already. */
  *#decode(): Generator<Batch> {
    this.#isMore = this.#udp ? yield* this.#decodeDatagrams(this.#udp.reader) : false
    if (this.#server) for (const session of this.#server.takeReady()) this.#decodeSession(session, this.#server)
    if (this.#isMore) this.#turns.ring()
    else yield* this.#decoder.take()
  }

  #decodeSession(session: TelemetrySession, server: TelemetryServer): void {
    const decoder = this.#decoder
    const octets = session.take()
    if (octets.length > 0) session.state ??= decoder.open(session.peer, session.timeUs)
    const { state } = session
    if (state) decoder.octets(state, octets, session.timeUs)
    if (!session.ended && !state?.isOver) {
      session.resume()
      return
    }
    server.forget(session)
    if (state) decoder.close(state, this.#turns.nowUs())
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
      decoder.datagram(octets, view, start, end, peer, timeUs)
      if (decoder.isFull) yield* decoder.take()
    }
    reader.release()
    return true
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
    } while (!isOver || this.#isMore || (this.#server?.isReady && performance.now() < until))
    for (const { state } of this.#server?.sessions ?? []) {
      if (state) this.#decoder.close(state, this.#turns.nowUs())
    }
    this.#decoder.finish(this.#turns.nowUs())
    yield* this.#decoder.take()
  }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Throws a ProblemError when a socket cannot be opened. */
export function telemetryOfNetwork(
  options: TelemetryNetworkOptions,
  decoder: TelemetryDecoder,
  admission: Admission,
  host: Host,
): Stream {
  return new TelemetryNetwork(decoder, admission, host).stream(options)
}
