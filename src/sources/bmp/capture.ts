// BMP out of captures: the connections of routers, by the time of the capture.
import type { Host } from '../../contract/host.ts'
import type { Batch, Stream } from '../../contract/record.ts'
import type { BmpDecoder } from '../../wire/bmp/decoder.ts'
import type { RouterState } from '../../wire/bmp/router.ts'
import { TcpReader } from '../../wire/capture/tcp.ts'
import type { TcpEvent, TcpFlow } from '../../wire/capture/tcp-flow.ts'
import type { Admission } from '../admission.ts'
import { captureFrames } from '../capture-file.ts'
import { noSession } from '../no-session.ts'
import { looksLikeMessage, MessageBuffer } from './message-buffer.ts'
import type { BmpCaptureOptions } from './options.ts'

interface Conversation {
  readonly buffer: MessageBuffer
  readonly state: RouterState
  /** Octets are missing before what comes next. */
  isBroken: boolean
}

/** A connection that is none of ours: the other direction, another protocol, a router that is not allowed. */
const OTHER = 'other'

class CaptureSessions {
  readonly #decoder: BmpDecoder
  readonly #admission: Admission
  readonly #host: Host
  readonly #byPort: boolean
  #flows = new WeakMap<TcpFlow, Conversation | typeof OTHER>()
  count = 0

  constructor(decoder: BmpDecoder, admission: Admission, host: Host, byPort: boolean) {
    this.#decoder = decoder
    this.#admission = admission
    this.#host = host
    this.#byPort = byPort
  }

  *take(event: TcpEvent): Generator<Batch> {
    const { flow, kind } = event
    const known = this.#flows.get(flow)
    if (known === OTHER) return
    if (kind === 'octets') yield* this.#octets(known ?? (yield* this.#open(event)), event)
    else if (known && kind === 'lost') this.#lost(known, event.lost)
    else if (known) {
      this.#flows.set(flow, OTHER)
      if (known.buffer.rest > 0)
        this.#problem('bmp-session/truncated', `it ended ${known.buffer.rest} octets into a message`, known)
      yield* this.#decoder.session(known.state, 'log_close', event.timeUs)
    }
  }

  *#open({ flow, octets, start, end, timeUs }: TcpEvent): Generator<Batch, Conversation | undefined> {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    const isBmp = this.#byPort ? startsAsBmp(octets, start) : looksLikeMessage(view, start, end)
    const { address, port } = flow.source
    if (!isBmp || !this.#admission.allows(address)) {
      if (!isBmp) this.#host.count('capture/not-bmp')
      this.#flows.set(flow, OTHER)
      return undefined
    }
    const made: Conversation = {
      buffer: new MessageBuffer(),
      state: this.#decoder.open({ address, port }),
      isBroken: !flow.whole && !looksLikeMessage(view, start, end),
    }
    this.#flows.set(flow, made)
    this.count++
    yield* this.#decoder.session(made.state, 'log_init', timeUs)
    return made
  }

  *#octets(conversation: Conversation | undefined, { octets, start, end, timeUs }: TcpEvent): Generator<Batch> {
    if (!conversation) return
    const { buffer, state } = conversation
    buffer.push(octets, start, end)
    if (conversation.isBroken) this.#resynchronize(conversation)
    while (buffer.next())
      yield* this.#decoder.decode(buffer.octets, buffer.view, buffer.start, buffer.end, state, timeUs)
    if (!buffer.problem) return
    this.#problem('bmp-session/damaged', `${buffer.problem.message}; reading goes on at the next message`, conversation)
    conversation.isBroken = true
    buffer.clear()
  }

  #resynchronize(conversation: Conversation): void {
    const passed = conversation.buffer.resynchronize()
    if (passed > 0) this.#host.count('bmp/octets-passed-over', passed)
    conversation.isBroken = false
  }

  #lost(conversation: Conversation, octets: number): void {
    this.#host.count('lost/capture-octets', octets)
    this.#problem(
      'bmp-session/lost',
      `${octets} octets are not in the capture; reading goes on at the next message`,
      conversation,
    )
    conversation.buffer.clear()
    conversation.isBroken = true
  }

  #problem(code: string, message: string, { state }: Conversation): void {
    this.#host.report({ code, message: `session of ${state.name}: ${message}` })
  }
}

/** By the version alone: of a connection to the station's port. */
const startsAsBmp = (octets: Uint8Array, start: number): boolean => octets[start] === 3 || octets[start] === 4

export async function* bmpOfCaptures(
  options: BmpCaptureOptions,
  decoder: BmpDecoder,
  admission: Admission,
  host: Host,
): Stream {
  const byPort = options.tcpPorts.length > 0
  for (const path of options.captures) {
    if (host.signal.aborted) break
    const reader = new TcpReader(byPort ? { tcpPorts: options.tcpPorts } : {}, host)
    const sessions = new CaptureSessions(decoder, admission, host, byPort)
    for await (const frames of captureFrames(path, { signal: host.signal }, host)) {
      for (const event of reader.read(frames)) yield* sessions.take(event)
      const rest = decoder.flush()
      if (rest) yield rest
    }
    for (const event of reader.finish()) yield* sessions.take(event)
    const rest = decoder.flush()
    if (rest) yield rest
    if (sessions.count === 0 && !host.signal.aborted) host.report(noSession(path, 'BMP', options.tcpPorts))
  }
}
