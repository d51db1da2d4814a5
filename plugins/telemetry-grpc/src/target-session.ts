// One target: a subscription that is made again when it breaks, with pauses that grow.
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  connectivityState,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { type Host, reconnectPauseMs } from 'netally'
import type { Login, SubscribeService } from './gnmi-service.ts'
import type { Inbox, Node } from './inbox.ts'
import { type Payload, SYNC } from './payload.ts'
import { nodeOf } from './peer.ts'
import type { Mode } from './subscription.ts'
import type { Target } from './targets.ts'

const FIRST_PAUSE_MS = 1000
const MOST_PAUSE_MS = 60_000
/** A run that shall end by itself gives a target up after so many attempts. */
const ATTEMPTS = 4
/** A target that answers a poll only when it is asked is asked after so long. */
const FIRST_POLL_MS = 2000

export interface SessionOptions {
  readonly mode: Mode
  readonly pollMs: number
  /** 0 = without end. */
  readonly polls: number
  readonly connectMs: number
  /** A target that says nothing for so long is asked anew; 0 = never. */
  readonly silentMs: number
  readonly channel: ChannelOptions
  readonly credentials: ChannelCredentials
  readonly service: SubscribeService
}

type Call = ClientDuplexStream<Buffer, Buffer>
type Failure = Pick<ServiceError, 'code' | 'details'>

/** Statuses that say no, rather than that something is broken. */
const REFUSALS: { readonly [code: number]: string } = {
  [status.UNAUTHENTICATED]: 'check --user and the password (--password-file, NETALLY_GNMI_PASSWORD)',
  [status.PERMISSION_DENIED]: 'check what the user may do',
  [status.INVALID_ARGUMENT]: 'the target does not take this subscription: check paths, mode and --encoding',
  [status.UNIMPLEMENTED]: 'the target does not know what it was asked for: check --encoding, --service and the paths',
  [status.NOT_FOUND]: 'check the paths',
  [status.RESOURCE_EXHAUSTED]: 'a message is longer than --max-message, or the target has too many subscribers',
}

const same = (octets: Buffer): Buffer => octets

export class TargetSession {
  readonly target: Target
  readonly #options: SessionOptions
  readonly #inbox: Inbox
  readonly #host: Host
  #client: Client | undefined
  #call: Call | undefined
  #node: Node | undefined
  #timers = new Set<NodeJS.Timeout>()
  #failures = 0
  #heardMs = 0
  /** No more is wanted, or will come. */
  isOver = false
  /** It was given up. */
  hasFailed = false
  messages = 0
  updates = 0
  deletes = 0
  syncs = 0
  reconnects = 0

  constructor(target: Target, options: SessionOptions, inbox: Inbox, host: Host) {
    this.target = target
    this.#options = options
    this.#inbox = inbox
    this.#host = host
  }

  get isConnected(): boolean {
    return this.#node !== undefined
  }

  start(): void {
    const { channel, credentials } = this.#options
    const { address, serverName } = this.target
    const named = serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName }
    const client = new Client(address, credentials, { ...channel, ...named })
    this.#client = client
    const login = this.#options.service.login(this.target.credentials)
    if (login) this.#login(client, login)
    else this.#subscribe(client)
  }

  #login(client: Client, { path, request, accepts }: Login): void {
    const deadline = Date.now() + this.#options.connectMs
    client.makeUnaryRequest(path, same, same, request, new Metadata(), { deadline }, (error, answer) => {
      if (this.#client !== client || this.isOver) return
      if (error && error.code !== status.UNIMPLEMENTED) this.#failed(error)
      else if (answer && !accepts(answer)) {
        this.#failed({ code: status.UNAUTHENTICATED, details: 'the target does not let this user in' })
      } else this.#subscribe(client)
    })
  }

  #subscribe(client: Client): void {
    const { service, connectMs } = this.#options
    const call = client.makeBidiStreamRequest(service.path, same, same, this.#metadata()) as Call
    this.#call = call
    this.#heardMs = Date.now()
    this.#inbox.attach(call)
    call.on('data', octets => this.#take(call, octets))
    call.on('error', (error: ServiceError) => this.#ended(call, error))
    call.on('end', () => this.#ended(call, undefined))
    call.write(service.request)
    if (service.asksOnce) call.end()
    this.#later(connectMs, () => {
      const isOpen = client.getChannel().getConnectivityState(false) === connectivityState.READY
      if (!isOpen)
        call.destroy(Object.assign(new Error('no answer'), { code: status.UNAVAILABLE, details: 'no answer' }))
    })
    if (service.poll) this.#later(FIRST_POLL_MS, () => this.messages === 0 && this.#poll())
  }

  #metadata(): Metadata {
    const metadata = new Metadata()
    const { user, password } = this.target.credentials
    if (user !== undefined) metadata.set('username', user)
    if (password !== undefined) metadata.set('password', password)
    return metadata
  }

  #poll(): void {
    const { poll } = this.#options.service
    if (poll && this.#call) this.#call.write(poll)
  }

  #take(call: Call, octets: Buffer): void {
    if (this.#call !== call) return
    this.#heardMs = Date.now()
    this.#failures = 0
    this.messages++
    const node = this.#hear(call)
    try {
      const said = this.#options.service.read(octets)
      if (said === 'sync') this.#synced(node)
      else if (said instanceof Error) this.#note('gnmi/error', said.message, 'the target says so; the stream goes on')
      else if (said) this.#log(node, said)
    } catch (error) {
      this.#note('gnmi/bad-message', `a message that cannot be read: ${reasonOf(error)}`)
    }
  }

  #hear(call: Call): Node {
    if (!this.#node) {
      this.#node = nodeOf(call.getPeer(), this.target.name)
      this.#inbox.mark('log_init', this.#node)
    }
    return this.#node
  }

  #log(node: Node, payload: Payload): void {
    const { updates, deletes } = payload.data as { updates?: unknown[]; deletes?: unknown[] }
    this.updates += updates?.length ?? 0
    this.deletes += deletes?.length ?? 0
    this.#inbox.log(node, payload)
  }

  /** All that there is was said once. */
  #synced(node: Node): void {
    const { mode, polls, pollMs } = this.#options
    this.syncs++
    this.#inbox.log(node, SYNC)
    if (mode === 'once' || (mode === 'poll' && this.syncs === polls)) this.stop()
    else if (mode === 'poll') this.#later(pollMs, () => this.#poll())
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (!this.isOver) work()
    }, ms)
    this.#timers.add(timer)
  }

  /** The call is over, whoever ended it. */
  #ended(call: Call, error: ServiceError | undefined): void {
    if (this.#call !== call) return
    // A target may end the call instead of saying that this was all.
    if (!error && this.#options.mode === 'once' && this.#node) this.stop()
    else this.#failed(error)
  }

  /** Another attempt after a pause; undefined = the target ended the call. */
  #failed(error: Failure | undefined): void {
    this.#close()
    if (this.isOver) return
    this.#failures++
    const hint = (error && REFUSALS[error.code]) ?? 'is the target there, and does it take gRPC on this port?'
    this.#note('gnmi/connection', error ? `${status[error.code]}: ${error.details}` : 'the target ended the call', hint)
    if (this.#options.mode === 'once' && this.#failures >= ATTEMPTS) {
      this.hasFailed = true
      this.stop()
      return
    }
    this.reconnects++
    this.#host.count('reconnects')
    this.#later(reconnectPauseMs(this.#failures, FIRST_PAUSE_MS, MOST_PAUSE_MS), () => this.start())
  }

  /** Ends a call that is silent for too long; it is made again. */
  upkeep(nowMs: number): void {
    const { silentMs } = this.#options
    const call = this.#call
    if (!call || silentMs === 0 || nowMs - this.#heardMs < silentMs || call.isPaused()) return
    this.#host.count('sessions-idle')
    call.cancel()
  }

  #close(): void {
    const call = this.#call
    this.#call = undefined
    if (call) this.#inbox.detach(call)
    call?.on('error', () => {})
    call?.cancel()
    this.#client?.close()
    this.#client = undefined
    if (this.#node) this.#inbox.mark('log_close', this.#node)
    this.#node = undefined
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  stop(): void {
    this.isOver = true
    this.#close()
    this.#inbox.ring()
  }

  #note(code: string, message: string, hint?: string): void {
    this.#inbox.note({ code, message: `${this.target.name}: ${message}`, note: true, ...(hint ? { hint } : {}) })
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
