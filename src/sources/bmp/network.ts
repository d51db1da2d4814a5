// BMP off the network: sessions decoded together at the end of each turn of the event loop.
import type { Host } from '../../contract/host.ts'
import type { Batch, Stream } from '../../contract/record.ts'
import type { BmpDecoder } from '../../wire/bmp/decoder.ts'
import type { Admission } from '../admission.ts'
import { byTurns, drained, type TurnWork } from '../turn-loop.ts'
import { Turns } from '../turns.ts'
import type { BmpStationOptions } from './options.ts'
import type { BmpSession } from './session.ts'
import { BmpStation } from './station.ts'

class BmpNetwork implements TurnWork {
  readonly turns = new Turns()
  readonly #options: BmpStationOptions
  readonly #decoder: BmpDecoder
  readonly #admission: Admission
  readonly #host: Host
  #station: BmpStation | undefined

  constructor(options: BmpStationOptions, decoder: BmpDecoder, admission: Admission, host: Host) {
    this.#options = options
    this.#decoder = decoder
    this.#admission = admission
    this.#host = host
  }

  async open(): Promise<void> {
    const station = await BmpStation.open(this.#options, this.#admission, this.turns, this.#host)
    this.#station = station
    this.#host.watch(() => station.readings())
  }

  async keepUp(isReloaded: boolean): Promise<void> {
    this.#station?.tell()
    if (!isReloaded) return
    await this.#admission.reload()
    this.#station?.reload()
  }

  *take(): Generator<Batch> {
    const station = this.#station
    if (station) for (const session of station.takeReady()) yield* this.#decodeSession(session, station)
    const rest = this.#decoder.flush()
    if (rest) yield rest
  }

  *#decodeSession(session: BmpSession, station: BmpStation): Generator<Batch> {
    session.identify()
    if (session.isIdentified && !session.problem && !session.state) {
      if (!station.admits(session)) {
        station.forget(session)
        return
      }
      session.state = this.#decoder.open({ address: session.address, port: session.port })
      yield* this.#decoder.session(session.state, 'log_init', session.timeUs || this.turns.nowUs())
    }
    const { state, buffer } = session
    while (state && session.next()) {
      yield* this.#decoder.decode(buffer.octets, buffer.view, buffer.start, buffer.end, state, session.timeUs)
    }
    if (!session.problem && !session.ended) {
      session.resume()
      return
    }
    station.forget(session)
    if (session.problem) this.#host.report(session.problem)
    else if (buffer.rest > 0) {
      const message = `session of ${session.name}: it ended ${buffer.rest} octets into a message`
      this.#host.report({ code: 'bmp-session/truncated', message })
    }
    if (state) yield* this.#decoder.session(state, 'log_close', this.turns.nowUs())
  }

  /** Then the sessions are closed. */
  async *end(): Stream {
    const station = this.#station
    yield* drained(
      () => this.take(),
      isLate => station?.isReady === true && !isLate,
    )
    for (const { state } of station?.sessions ?? []) {
      if (state) yield* this.#decoder.session(state, 'log_close', this.turns.nowUs())
    }
    const rest = this.#decoder.flush()
    if (rest) yield rest
  }

  close(): void {
    this.#station?.close()
  }
}

/** Throws a ProblemError when a socket cannot be opened. */
export function bmpOfNetwork(
  options: BmpStationOptions,
  decoder: BmpDecoder,
  admission: Admission,
  host: Host,
): Stream {
  const network = new BmpNetwork(options, decoder, admission, host)
  return byTurns(network, network.turns, host)
}
