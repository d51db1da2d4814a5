// Telemetry over TCP out of captures: connections to the collector's ports.
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import { TcpReader } from '../../wire/capture/tcp.ts'
import type { TcpEvent, TcpFlow } from '../../wire/capture/tcp-flow.ts'
import type { NodeSession, TelemetryDecoder } from '../../wire/telemetry/decoder.ts'
import type { Admission } from '../admission.ts'
import { captureFrames } from '../capture-file.ts'
import type { TelemetryCaptureOptions } from './options.ts'

/** A direction that is not read: to the node, or from one that is not allowed, or one that octets are missing of. */
const OTHER = 'other'

class CaptureSessions {
  readonly #ports: ReadonlySet<number>
  readonly #decoder: TelemetryDecoder
  readonly #admission: Admission
  readonly #host: Host
  readonly #flows = new WeakMap<TcpFlow, NodeSession | typeof OTHER>()
  #openSessions = 0

  constructor(ports: readonly number[], decoder: TelemetryDecoder, admission: Admission, host: Host) {
    this.#ports = new Set(ports)
    this.#decoder = decoder
    this.#admission = admission
    this.#host = host
  }

  take(event: TcpEvent): void {
    const { flow, kind, timeUs } = event
    const known = this.#flows.get(flow)
    if (known === OTHER) return
    if (kind === 'octets') {
      const session = known ?? this.#open(flow, timeUs)
      if (session) this.#decoder.octets(session, event.octets.subarray(event.start, event.end), timeUs)
    } else if (known) {
      this.#flows.set(flow, OTHER)
      this.#openSessions--
      if (kind === 'lost') this.#lost(flow, event.lost)
      this.#decoder.close(known, timeUs)
    }
  }

  #open(flow: TcpFlow, timeUs: number): NodeSession | undefined {
    if (!this.#ports.has(flow.destination.port) || !this.#admission.allows(flow.source.address)) {
      this.#flows.set(flow, OTHER)
      return undefined
    }
    if (this.#openSessions >= this.#decoder.maxPeers) {
      this.#flows.set(flow, OTHER)
      this.#host.count('sessions-refused')
      return undefined
    }
    this.#openSessions++
    const made = this.#decoder.open(flow.source, timeUs)
    this.#flows.set(flow, made)
    return made
  }

  #lost({ source }: TcpFlow, octets: number): void {
    this.#host.count('lost/capture-octets', octets)
    const message = `${source.address}: ${octets} octets are not in the capture; the rest of the connection is not read`
    this.#host.report({ code: 'telemetry-session/lost', message })
  }
}

export async function* telemetryOfTcpCaptures(
  options: TelemetryCaptureOptions,
  decoder: TelemetryDecoder,
  admission: Admission,
  host: Host,
): Stream {
  const { tcpPorts } = options
  for (const path of options.captures) {
    if (host.signal.aborted) break
    const reader = new TcpReader({ tcpPorts }, host)
    const sessions = new CaptureSessions(tcpPorts, decoder, admission, host)
    for await (const frames of captureFrames(path, { signal: host.signal }, host)) {
      for (const event of reader.read(frames)) {
        sessions.take(event)
        if (decoder.isFull) yield* decoder.take()
      }
      yield* decoder.take()
    }
    for (const event of reader.finish()) sessions.take(event)
    yield* decoder.take()
  }
}
