// Telemetry off the network, decoded together at the end of each turn of the event loop.
import type { Host } from '../../contract/host.ts'
import type { Batch, Stream } from '../../contract/record.ts'
import type { TelemetryDecoder } from '../../wire/telemetry/decoder.ts'
import type { Admission } from '../admission.ts'
import type { RingReader } from '../datagram-ring.ts'
import { dropPrivileges } from '../drop-privileges.ts'
import { byTurns, drained, type TurnWork } from '../turn-loop.ts'
import { Turns } from '../turns.ts'
import { UdpReceiver } from '../udp-receiver.ts'
import { HttpsNotifServer } from './https.ts'
import type { TelemetryNetworkOptions } from './options.ts'
import { TelemetryServer } from './server.ts'
import type { TelemetrySession } from './session.ts'

class TelemetryNetwork implements TurnWork {
  readonly turns = new Turns()
  readonly #options: TelemetryNetworkOptions
  readonly #decoder: TelemetryDecoder
  readonly #admission: Admission
  readonly #host: Host
  #udp: UdpReceiver | undefined
  #server: TelemetryServer | undefined
  #https: HttpsNotifServer | undefined

  constructor(options: TelemetryNetworkOptions, decoder: TelemetryDecoder, admission: Admission, host: Host) {
    this.#options = options
    this.#decoder = decoder
    this.#admission = admission
    this.#host = host
  }

  async open(): Promise<void> {
    const { udp, sessions, account } = this.#options
    const [turns, host] = [this.turns, this.#host]
    if (udp.listen.length > 0) {
      const receiver = await UdpReceiver.open(udp, turns, host)
      this.#udp = receiver
      host.watch(() => receiver.readings())
    }
    if (sessions.tcp.length + sessions.tls.length > 0) {
      const server = await TelemetryServer.open(sessions, this.#admission, turns, host)
      this.#server = server
      host.watch(() => server.readings())
    }
    if (sessions.https.length > 0) {
      const server = await HttpsNotifServer.open(sessions, this.#admission, turns, host)
      this.#https = server
      host.watch(() => server.readings())
    }
    if (account) dropPrivileges(account)
  }

  tick(): void {
    this.#udp?.count()
  }

  async keepUp(isReloaded: boolean): Promise<void> {
    this.#udp?.tell()
    this.#server?.tell()
    this.#https?.tell()
    this.#decoder.expire(this.turns.nowUs())
    if (!isReloaded) return
    await this.#admission.reload()
    await this.#server?.reload()
    await this.#https?.reload()
  }

  *take(): Generator<Batch> {
    const reader = this.#udp?.reader
    if (reader) yield* this.#decodeDatagrams(reader)
    if (this.#server) for (const session of this.#server.takeReady()) this.#decodeSession(session, this.#server)
    for (const { octets, encoding, peer, timeUs, answer } of this.#https?.takeDeliveries() ?? []) {
      answer(this.#decoder.body(octets, encoding, peer, timeUs))
    }
    if (reader?.isMore) this.turns.ring()
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
    if (state) decoder.close(state, this.turns.nowUs())
  }

  *#decodeDatagrams(reader: RingReader): Generator<Batch> {
    const [decoder, admission] = [this.#decoder, this.#admission]
    for (const { octets, view, start, end, peer, timeUs } of reader.datagrams()) {
      if (!admission.allows(peer.address)) continue
      decoder.datagram(octets, view, start, end, peer, timeUs)
      if (decoder.isFull) yield* decoder.take()
    }
  }

  async *end(): Stream {
    const [udp, server, https] = [this.#udp, this.#server, this.#https]
    udp?.drain()
    https?.end()
    yield* drained(
      () => this.take(),
      isLate => udp?.isPending === true || (!isLate && (server?.isReady === true || https?.isReady === true)),
    )
    for (const { state } of server?.sessions ?? []) {
      if (state) this.#decoder.close(state, this.turns.nowUs())
    }
    this.#decoder.finish(this.turns.nowUs())
    yield* this.#decoder.take()
  }

  async close(): Promise<void> {
    this.#udp?.count()
    this.#server?.close()
    this.#https?.close()
    await this.#udp?.close()
  }
}

/** Throws a ProblemError when a socket cannot be opened. */
export function telemetryOfNetwork(
  options: TelemetryNetworkOptions,
  decoder: TelemetryDecoder,
  admission: Admission,
  host: Host,
): Stream {
  const network = new TelemetryNetwork(options, decoder, admission, host)
  return byTurns(network, network.turns, host)
}
