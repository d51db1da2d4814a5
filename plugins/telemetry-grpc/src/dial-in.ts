// Subscriptions at targets, as one stream; targets come and go when their file is read again.
import { type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js'
import { type Host, type Problem, ProblemError, type Reading, type Stream, type TlsOptions } from 'netally'
import type { Asked, DialInOptions, ServiceName } from './gnmi-options.ts'
import { gnmiService, type SubscribeService } from './gnmi-service.ts'
import { Inbox, type Upkeep } from './inbox.ts'
import { juniperService } from './juniper.ts'
import type { SubscriptionList } from './subscription.ts'
import { type SessionOptions, TargetSession } from './target-session.ts'
import type { Target } from './targets.ts'

function channelCredentials(tls: TlsOptions | undefined): ChannelCredentials {
  if (!tls) return credentials.createInsecure()
  // gRPC gives an address as the server's name; Node.js warns of that (DEP0123) each time.
  process.noDeprecation = true
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text))
  return credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert), { rejectUnauthorized: tls.rejectUnauthorized })
}

function channelOptions({ maxMessageOctets, keepaliveMs, connectMs }: DialInOptions): ChannelOptions {
  return {
    'grpc.max_receive_message_length': maxMessageOctets,
    // The pauses between attempts are ours.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': connectMs,
    'grpc.enable_retries': 0,
    // A password must not go by way of a proxy of the web.
    'grpc.enable_http_proxy': 0,
    'grpc.primary_user_agent': 'netally',
    ...(keepaliveMs > 0 ? { 'grpc.keepalive_time_ms': keepaliveMs } : {}),
  }
}

const SERVICES: { readonly [name in ServiceName]: (list: SubscriptionList) => SubscribeService } = {
  gnmi: gnmiService,
  juniper: juniperService,
}

class DialIn implements Upkeep {
  readonly #options: DialInOptions
  readonly #host: Host
  readonly #inbox: Inbox
  readonly #sessions = new Map<string, TargetSession>()
  readonly #settings: Omit<SessionOptions, 'service'>
  #asked: string

  constructor(options: DialInOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#inbox = new Inbox(host)
    this.#asked = JSON.stringify(options.list)
    this.#settings = {
      ...options.timing,
      mode: options.list.mode,
      connectMs: options.connectMs,
      channel: channelOptions(options),
      credentials: channelCredentials(options.tls),
    }
    host.watch(() => this.#readings())
  }

  async *stream(): Stream {
    try {
      this.#subscribe(this.#options)
      yield* this.#inbox.stream(this)
      for (const session of this.#sessions.values()) session.stop()
      yield* this.#inbox.rest()
      this.#tellFailed()
    } finally {
      for (const session of this.#sessions.values()) session.stop()
    }
  }

  /** Sessions as the targets are now; those that stay the same go on. */
  #subscribe({ list, targets }: Asked): void {
    const { service } = this.#options
    const asked = JSON.stringify(list)
    for (const [name, session] of this.#sessions) {
      const target = targets.get(name)
      if (target && asked === this.#asked && isSame(target, session.target)) continue
      session.stop()
      this.#sessions.delete(name)
    }
    this.#asked = asked
    const settings: SessionOptions = { ...this.#settings, mode: list.mode, service: SERVICES[service](list) }
    for (const [name, target] of targets) {
      if (this.#sessions.has(name)) continue
      const session = new TargetSession(target, settings, this.#inbox, this.#host)
      this.#sessions.set(name, session)
      session.start()
    }
  }

  isOver(): boolean {
    if (this.#options.list.mode === 'stream' || this.#sessions.size === 0) return false
    return [...this.#sessions.values()].every(({ isOver }) => isOver)
  }

  upkeep(nowMs: number, isReloaded: boolean): void {
    for (const session of this.#sessions.values()) session.upkeep(nowMs)
    if (!isReloaded) return
    try {
      this.#subscribe(this.#options.again())
      this.#host.count('maps/reloaded')
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      this.#host.count('maps/refused')
      const problem: Problem = {
        ...error.problem,
        hint: `${error.problem.hint ?? ''}; targets and paths stay as they were`,
      }
      this.#host.report(problem)
    }
  }

  /** What a run that shall end by itself did not get. */
  #tellFailed(): void {
    const failed = [...this.#sessions.values()].filter(({ hasFailed }) => hasFailed)
    const [first] = failed
    if (!first) return
    const others = failed.length > 1 ? ` and ${failed.length - 1} more` : ''
    throw new ProblemError({
      code: 'gnmi/no-answer',
      message: `${first.target.name}${others} did not answer`,
      hint: 'the lines above say why',
    })
  }

  *#readings(): Iterable<Reading> {
    for (const [target, session] of this.#sessions) {
      const labels = { target }
      yield { name: 'gnmi_connected', labels, value: session.isConnected ? 1 : 0 }
      yield { name: 'gnmi_messages', labels, value: session.messages }
      yield { name: 'gnmi_updates', labels, value: session.updates }
      yield { name: 'gnmi_deletes', labels, value: session.deletes }
      yield { name: 'gnmi_syncs', labels, value: session.syncs }
      yield { name: 'gnmi_reconnects', labels, value: session.reconnects }
    }
  }
}

const isSame = (one: Target, other: Target): boolean => JSON.stringify(one) === JSON.stringify(other)

export function openDialIn(options: DialInOptions, host: Host): Stream {
  return new DialIn(options, host).stream()
}
