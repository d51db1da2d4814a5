// BMP off the network: sessions decoded together at the end of each turn of the event loop.
import type { Host } from '../../contract/host.ts'
import { type Batch, recordBatch, type Stream } from '../../contract/record.ts'
import type { BmpDecoder } from '../../wire/bmp/decoder.ts'
import type { Admission } from '../admission.ts'
import { Turns } from '../turns.ts'
import type { BmpStationOptions } from './options.ts'
import type { BmpSession } from './session.ts'
import { BmpStation } from './station.ts'

/** An idle stream says so often what time it is. */
const HEARTBEAT_MS = 1000
/** After the signal to stop, what the sockets still have is read for at most so long. */
const DRAIN_MS = 2000

class BmpNetwork {
  readonly #decoder: BmpDecoder
  readonly #admission: Admission
  readonly #host: Host
  readonly #turns = new Turns()
  #reloads: number
  #ticked = false

  constructor(decoder: BmpDecoder, admission: Admission, host: Host) {
    this.#decoder = decoder
    this.#admission = admission
    this.#host = host
    this.#reloads = host.reloads
  }

  async *stream(options: BmpStationOptions): Stream {
    const { signal } = this.#host
    const stop = () => this.#turns.ring()
    const timer = setInterval(this.#tick, HEARTBEAT_MS)
    signal.addEventListener('abort', stop)
    let station: BmpStation | undefined
    try {
      station = await BmpStation.open(options, this.#admission, this.#turns, this.#host)
      const opened = station
      this.#host.watch(() => opened.readings())
      let idle = true
      while (!signal.aborted) {
        await this.#turns.wait()
        for (const batch of this.#decode(station)) {
          idle = false
          yield batch
        }
        if (!this.#ticked) continue
        this.#ticked = false
        if (idle) yield recordBatch([], Math.floor(this.#turns.nowUs() / 1000))
        idle = true
        await this.#keepUp(station)
      }
      yield* this.#drain(station)
    } finally {
      signal.removeEventListener('abort', stop)
      clearInterval(timer)
      station?.close()
    }
  }

  readonly #tick = () => {
    this.#turns.setClock()
    this.#ticked = true
    this.#turns.ring()
  }

  async #keepUp(station: BmpStation): Promise<void> {
    station.tell()
    if (this.#reloads === this.#host.reloads) return
    this.#reloads = this.#host.reloads
    await this.#admission.reload()
    station.reload()
  }

  /** All that came in; nothing is held back for a fuller batch. */
  *#decode(station: BmpStation): Generator<Batch> {
    for (const session of station.takeReady()) yield* this.#decodeSession(session, station)
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
      yield* this.#decoder.session(session.state, 'log_init', session.timeUs || this.#turns.nowUs())
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
    if (state) yield* this.#decoder.session(state, 'log_close', this.#turns.nowUs())
  }

  /** What the sockets still have when they shall stop: until a turn brings nothing. Then the sessions are closed. */
  async *#drain(station: BmpStation): Stream {
    const until = performance.now() + DRAIN_MS
    do {
      for (const batch of this.#decode(station)) yield batch
      // Two turns: the first may have been in the middle.
      await turn()
      await turn()
    } while (station.isReady && performance.now() < until)
    for (const session of station.sessions) {
      if (session.state) yield* this.#decoder.session(session.state, 'log_close', this.#turns.nowUs())
    }
    const rest = this.#decoder.flush()
    if (rest) yield rest
  }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Throws a ProblemError when a socket cannot be opened. */
export function bmpOfNetwork(
  options: BmpStationOptions,
  decoder: BmpDecoder,
  admission: Admission,
  host: Host,
): Stream {
  return new BmpNetwork(decoder, admission, host).stream(options)
}
