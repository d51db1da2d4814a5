// One server for all nodes that call: who comes in, which calls there are.
import { createServer, type Socket, type Server as TcpServer } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import {
  type ConnectionInjector,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import {
  Admission,
  exporterAddress,
  type Host,
  type ListenAddress,
  listenTcp,
  type Reading,
  type Stream,
} from 'netally'
import { type Call, DialOutCall } from './dial-out-call.ts'
import type { DialOutOptions } from './grpc-options.ts'
import { Inbox, type Upkeep } from './inbox.ts'
import { DIAL_OUT_SERVICES, type DialOutService } from './services.ts'

const same = (octets: Buffer): Buffer => octets
const EMPTY = Buffer.alloc(0)
const STREAMS_PER_CONNECTION = 100
/** After the signal to stop, what is on its way is read for so long. */
const DRAIN_MS = 300

/** `ADDRESS:PORT` as gRPC has it. */
const peerText = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`

interface Connection {
  readonly socket: Socket
  readonly address: string
  /** Without a call. */
  idleSinceMs: number
  calls: number
  hasCalled: boolean
}

class DialOut implements Upkeep {
  readonly #options: DialOutOptions
  readonly #host: Host
  readonly #inbox: Inbox
  readonly #admission: Admission
  readonly #server: Server
  readonly #injector: ConnectionInjector
  readonly #listeners: { readonly server: TcpServer; readonly name: string }[] = []
  readonly #connections = new Map<string, Connection>()
  readonly #calls = new Set<DialOutCall>()

  constructor(options: DialOutOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#inbox = new Inbox(host)
    this.#admission = new Admission(options.allow, host)
    this.#server = new Server({
      'grpc.max_receive_message_length': options.maxMessageOctets,
      'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION,
    })
    for (const service of DIAL_OUT_SERVICES) this.#offer(service)
    this.#injector = this.#server.createConnectionInjector(serverCredentials(options))
    host.watch(() => this.#readings())
  }

  async *stream(): Stream {
    try {
      for (const where of this.#options.listen) await this.#listen(where)
      yield* this.#inbox.stream(this)
      for (const { server } of this.#listeners) server.close()
      await new Promise(resolve => setTimeout(resolve, DRAIN_MS))
    } finally {
      for (const { server } of this.#listeners) server.close()
      this.#server.forceShutdown()
      for (const { socket } of this.#connections.values()) socket.destroy()
    }
    // The calls have ended with their connections.
    await turn()
    yield* this.#inbox.rest()
  }

  async #listen(where: ListenAddress): Promise<void> {
    const server = createServer({ noDelay: true, keepAlive: true }, socket => this.#connected(socket))
    this.#listeners.push({ server, name: await listenTcp(server, 'grpc', where) })
    server.on('error', error => this.#inbox.note({ code: 'grpc-session/accept', message: error.message, note: true }))
  }

  #connected(socket: Socket): void {
    const { address } = exporterAddress(socket.remoteAddress ?? '')
    socket.on('error', () => {})
    if (!this.#admission.allows(address)) {
      socket.destroy()
      return
    }
    if (this.#connections.size >= this.#options.maxPeers) {
      this.#refuse(socket, address)
      return
    }
    const name = peerText(socket)
    const connection: Connection = { socket, address, idleSinceMs: Date.now(), calls: 0, hasCalled: false }
    this.#connections.set(name, connection)
    this.#host.count('sessions-opened')
    socket.on('close', () => this.#closed(name, connection))
    this.#injector.injectConnection(socket)
  }

  #refuse(socket: Socket, address: string): void {
    socket.destroy()
    this.#host.count('sessions-refused')
    this.#inbox.note({
      code: 'grpc-session/too-many',
      message: `${address}: refused, there are ${this.#connections.size} connections already (--max-peers)`,
      hint: 'raise --max-peers, or name who may connect with --allow',
      note: true,
    })
  }

  #closed(name: string, { address, hasCalled }: Connection): void {
    this.#connections.delete(name)
    this.#host.count('sessions-closed')
    if (hasCalled) return
    this.#host.count('sessions-without-call')
    const { tls } = this.#options
    this.#inbox.note({
      code: 'grpc-session/no-call',
      message: `${address}: a connection ended before it had called a service`,
      hint: tls
        ? 'does the node use TLS, accept our certificate, and show one of its own where --tls-client-ca asks for it?'
        : 'does the node use TLS? then give --tls-cert and --tls-key',
      note: true,
    })
  }

  #offer(service: DialOutService): void {
    const { path, answers } = service
    const definition: ServiceDefinition = {
      method: {
        path,
        requestStream: true,
        responseStream: answers === 'stream',
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    }
    const method = (call: Call, callback?: (error: null, answer: Buffer) => void) => {
      const finish = () => (callback ? callback(null, EMPTY) : 'end' in call && call.end())
      this.#called(call, service, finish)
    }
    this.#server.addService(definition, { method } as unknown as UntypedServiceImplementation)
  }

  #called(call: Call, { makeReader }: DialOutService, finish: () => void): void {
    const reader = makeReader(this.#options.maxMessageOctets)
    const gone = (ended: DialOutCall) => {
      this.#calls.delete(ended)
      const connection = this.#connections.get(ended.peer)
      if (!connection) return
      connection.calls--
      connection.idleSinceMs = Date.now()
    }
    const made = new DialOutCall(call, reader, this.#inbox, this.#host, { finish, gone })
    this.#calls.add(made)
    const connection = this.#connections.get(made.peer)
    if (!connection) return
    connection.calls++
    connection.hasCalled = true
  }

  isOver(): boolean {
    return false
  }

  async upkeep(nowMs: number, isReloaded: boolean): Promise<void> {
    const { silentMs } = this.#options
    for (const call of this.#calls) call.upkeep(nowMs, silentMs)
    for (const { socket, calls, idleSinceMs } of this.#connections.values()) {
      if (calls === 0 && nowMs - idleSinceMs >= silentMs) socket.destroy()
    }
    if (!isReloaded) return
    await this.#admission.reload()
    for (const { socket, address } of this.#connections.values()) if (!this.#admission.has(address)) socket.destroy()
  }

  *#readings(): Iterable<Reading> {
    yield* this.#admission.readings()
    for (const { name } of this.#listeners) yield { name: 'listening', labels: { socket: name }, value: 1 }
    yield { name: 'sessions', value: this.#connections.size }
    yield { name: 'grpc_calls', value: this.#calls.size }
    for (const { peer, messages } of this.#calls) {
      yield { name: 'session_messages', labels: { session: peer }, value: messages }
    }
  }
}

function serverCredentials({ tls }: DialOutOptions): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure()
  const { certificate, key, clientCa } = tls
  return ServerCredentials.createSsl(
    clientCa ?? null,
    [{ private_key: key, cert_chain: certificate }],
    clientCa !== undefined,
  )
}

export function openDialOut(options: DialOutOptions, host: Host): Stream {
  return new DialOut(options, host).stream()
}
