// BGP sessions out of captures, one file after another, by the time of the capture.
import type { Host } from '../../contract/host.ts'
import type { Batch, Stream } from '../../contract/record.ts'
import type { RouteRecords } from '../../wire/bgp/records.ts'
import { TcpReader } from '../../wire/capture/tcp.ts'
import type { TcpEvent, TcpFlow } from '../../wire/capture/tcp-flow.ts'
import type { Admission } from '../admission.ts'
import { captureFrames } from '../capture-file.ts'
import { noSession } from '../no-session.ts'
import type { BgpOptions } from './bgp-options.ts'
import { CaptureSession } from './capture-session.ts'

class CaptureSessions {
  readonly #records: RouteRecords
  readonly #admission: Admission
  readonly #host: Host
  readonly #compat: boolean
  readonly #sessions = new WeakMap<TcpFlow, CaptureSession>()
  count = 0

  constructor(records: RouteRecords, admission: Admission, host: Host, compat: boolean) {
    this.#records = records
    this.#admission = admission
    this.#host = host
    this.#compat = compat
  }

  *take(events: Iterable<TcpEvent>): Generator<Batch> {
    for (const event of events) {
      const session = this.#session(event)
      if (session) yield* session.take(event)
    }
    // A capture may still be growing (tcpdump -w - | netally): nothing waits for the next block.
    const batch = this.#records.flush()
    if (batch) yield batch
  }

  #session(event: TcpEvent): CaptureSession | undefined {
    const { flow } = event
    let session = this.#sessions.get(flow)
    if (!session) {
      if (event.kind === 'end' || !this.#admission.allows(flow.source.address)) return undefined
      session = new CaptureSession(event, this.#records, this.#host, this.#compat)
      this.#sessions.set(flow, session)
      this.count++
    }
    const reverse = flow.reverse && this.#sessions.get(flow.reverse)
    if (reverse && session.reverse !== reverse) {
      session.reverse = reverse
      reverse.reverse = session
    }
    return session
  }
}

export async function* bgpOfCaptures(
  options: BgpOptions,
  records: RouteRecords,
  admission: Admission,
  host: Host,
): Stream {
  const { signal } = host
  const sessions = new CaptureSessions(records, admission, host, options.compat)
  for (const path of options.captures) {
    if (signal.aborted) break
    const reader = new TcpReader({ tcpPorts: options.tcpPorts }, host)
    const before = sessions.count
    for await (const frames of captureFrames(path, { signal }, host)) yield* sessions.take(reader.read(frames))
    yield* sessions.take(reader.finish())
    if (sessions.count === before && !signal.aborted) host.report(noSession(path, 'BGP', options.tcpPorts))
  }
}
