// Flow messages off the network: UDP datagrams and IPFIX sessions, decoded together at the end of each turn of the event loop.
import type { Host } from '../contract/host.ts'
import type { Batch, Stream } from '../contract/record.ts'
import type { FlowDecoder } from '../wire/flow/decoder.ts'
import type { Admission } from './admission.ts'
import type { RingReader } from './datagram-ring.ts'
import { type Account, dropPrivileges } from './drop-privileges.ts'
import { IpfixServer, type IpfixServerOptions } from './ipfix-server.ts'
import type { IpfixSession } from './ipfix-session.ts'
import { byTurns, drained, type TurnWork } from './turn-loop.ts'
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

class FlowNetwork implements TurnWork {
  readonly turns = new Turns()
  readonly #options: FlowNetworkOptions
  readonly #decoder: FlowDecoder
  readonly #admission: Admission
  readonly #upkeep: Upkeep
  readonly #host: Host
  #udp: UdpReceiver | undefined
  #sessions: IpfixServer | undefined

  constructor(options: FlowNetworkOptions, decoder: FlowDecoder, admission: Admission, upkeep: Upkeep, host: Host) {
    this.#options = options
    this.#decoder = decoder
    this.#admission = admission
    this.#upkeep = upkeep
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
      const server = await IpfixServer.open(sessions, this.#admission, turns, host)
      this.#sessions = server
      host.watch(() => server.readings())
    }
    if (account) dropPrivileges(account)
  }

  tick(): void {
    this.#udp?.count()
  }

  async keepUp(isReloaded: boolean): Promise<void> {
    this.#udp?.tell()
    this.#sessions?.tell()
    await this.#upkeep()
    if (isReloaded) await this.#sessions?.reload()
  }

  *take(): Generator<Batch> {
    const reader = this.#udp?.reader
    if (reader) yield* this.#decodeDatagrams(reader)
    if (this.#sessions) for (const session of this.#sessions.takeReady()) yield* this.#decodeSession(session)
    if (reader?.isMore) this.turns.ring()
    else yield* this.#decoder.flush()
  }

  *#decodeDatagrams(reader: RingReader): Generator<Batch> {
    const [decoder, admission] = [this.#decoder, this.#admission]
    for (const { octets, view, start, end, peer, timeUs } of reader.datagrams()) {
      if (!admission.allows(peer.address)) continue
      for (const batch of decoder.decode(octets, view, start, end, peer, timeUs)) yield batch
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

  async *end(): Stream {
    const [udp, sessions] = [this.#udp, this.#sessions]
    udp?.drain()
    yield* drained(
      () => this.take(),
      isLate => udp?.isPending === true || (sessions?.isReady === true && !isLate),
    )
  }

  async close(): Promise<void> {
    this.#udp?.count()
    this.#sessions?.close()
    await this.#udp?.close()
  }
}

/** Throws a ProblemError when a socket cannot be opened. */
export function flowsOfNetwork(
  options: FlowNetworkOptions,
  decoder: FlowDecoder,
  admission: Admission,
  upkeep: Upkeep,
  host: Host,
): Stream {
  const network = new FlowNetwork(options, decoder, admission, upkeep, host)
  return byTurns(network, network.turns, host)
}
