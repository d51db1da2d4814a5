// Flow messages off the network: UDP datagrams and IPFIX sessions, decoded together at the end of each turn of the event loop.
import type { Host } from '../contract/host.ts'
import { type Batch, recordBatch, type Stream } from '../contract/record.ts'
import type { FlowDecoder } from '../wire/flow/decoder.ts'
import type { Admission } from './admission.ts'
import type { DatagramSlab } from './datagram-queue.ts'
import { IpfixServer, type IpfixServerOptions } from './ipfix-server.ts'
import type { IpfixSession } from './ipfix-session.ts'
import { Turns } from './turns.ts'
import { UdpReceiver } from './udp-receiver.ts'
import type { UdpOptions } from './udp-sockets.ts'
import type { Upkeep } from './upkeep.ts'

export interface FlowNetworkOptions {
  readonly udp: UdpOptions
  readonly sessions: IpfixServerOptions
}

/** An idle stream says so often what time it is. */
const HEARTBEAT_MS = 1000
/** After the signal to stop, what the sockets still have is read for at most so long. */
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
      this.#udp?.close()
      this.#sessions?.close()
    }
  }

  async #open({ udp, sessions }: FlowNetworkOptions): Promise<void> {
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

  /** All that came in; nothing is held back for a fuller batch. */
  *#decode(): Generator<Batch> {
    if (this.#udp && this.#udp.queue.count > 0) yield* this.#decodeSlab(this.#udp.queue.take())
    if (this.#sessions) for (const session of this.#sessions.takeReady()) yield* this.#decodeSession(session)
    yield* this.#decoder.flush()
  }

  *#decodeSlab(slab: DatagramSlab): Generator<Batch> {
    const [decoder, admission] = [this.#decoder, this.#admission]
    const { octets, view, start, timeUs, peer, count } = slab
    for (let index = 0; index < count; index++) {
      const from = peer[index] as NonNullable<(typeof peer)[0]>
      if (!admission.allows(from.address)) continue
      const at = start[index] as number
      const end = start[index + 1] as number
      for (const batch of decoder.decode(octets, view, at, end, from, timeUs[index] as number)) yield batch
    }
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

  /** What the sockets still have when they shall stop: until a turn brings nothing. */
  async *#drain(): Stream {
    const until = performance.now() + DRAIN_MS
    do {
      for (const batch of this.#decode()) yield batch
      // Two turns: the first may have been in the middle.
      await turn()
      await turn()
    } while (this.#isWaiting() && performance.now() < until)
    for (const batch of this.#decode()) yield batch
  }

  #isWaiting(): boolean {
    return (this.#udp?.queue.count ?? 0) > 0 || (this.#sessions?.isReady ?? false)
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
