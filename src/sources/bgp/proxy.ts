// A TCP cross-connect: connections of peers go on to the collector that the map names, octet by octet, both ways.
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Host, Reading } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import { type CrossConnectMap, type CrossConnectTarget, readCrossConnectMap } from '../../maps/cross-connect-map.ts'
import { replaced } from '../../maps/grammar.ts'
import { writeProxyHeader } from '../../wire/haproxy/header.ts'
import { addressText, type ListenAddress } from '../listen-address.ts'
import type { Trouble } from '../session-server.ts'
import { exporterAddress } from '../socket-peers.ts'
import { listenTcp } from '../tcp-listen.ts'
import { Turns } from '../turns.ts'

export interface ProxyOptions {
  readonly listen: readonly ListenAddress[]
  readonly map: CrossConnectMap
  readonly maxConnections: number
  /** Begin what goes to the collector with a PROXY header. */
  readonly proxyHeader: boolean
}

/** A collector that does not answer is given up. */
const CONNECT_MS = 10_000
/** SIGHUP is noticed within. */
const HEARTBEAT_MS = 1000
/** Problems that wait for being told; more are only counted. */
const PROBLEMS = 100
/** When told to end, what is on its way has so long. */
const CLOSE_MS = 500

const TROUBLES = {
  accept: { code: 'bgp-proxy/accept', message: 'a connection could not be accepted' },
  connect: {
    code: 'bgp-proxy/connect',
    message: 'the collector of a peer could not be reached; the peer is sent away',
    hint: 'look whether the collector of the row listens there',
  },
  unmatched: {
    code: 'bgp-proxy/unmatched',
    message: 'no row of the map holds the address of a peer',
    hint: 'add a row with its bgp_src, and send SIGHUP',
  },
  'too-many': {
    code: 'bgp-proxy/too-many',
    message: 'a peer was refused: there are --max-connections of them',
    hint: 'raise --max-connections',
  },
} as const satisfies { readonly [kind: string]: Trouble }

interface Link {
  readonly client: Socket
  readonly backend: Socket
}

export class BgpProxy {
  readonly #options: ProxyOptions
  readonly #host: Host
  readonly #turns = new Turns()
  readonly #servers: { readonly server: Server; readonly name: string }[] = []
  readonly #links = new Set<Link>()
  #map: CrossConnectMap
  #problems: Problem[] = []

  constructor(options: ProxyOptions, host: Host) {
    this.#options = options
    this.#map = options.map
    this.#host = host
  }

  /** Serves until the host says stop. Throws a ProblemError when a socket cannot be opened. */
  async run(): Promise<void> {
    const { signal } = this.#host
    const wake = () => this.#turns.ring()
    const timer = setInterval(wake, HEARTBEAT_MS)
    signal.addEventListener('abort', wake)
    this.#host.watch(() => this.readings())
    let { reloads } = this.#host
    try {
      for (const where of this.#options.listen) await this.#listen(where)
      while (!signal.aborted) {
        await this.#turns.wait()
        this.#tell()
        if (reloads === this.#host.reloads) continue
        reloads = this.#host.reloads
        this.#map = replaced(this.#map, await readCrossConnectMap(this.#map.file), problem =>
          this.#host.report(problem),
        )
      }
    } finally {
      signal.removeEventListener('abort', wake)
      clearInterval(timer)
      await this.#close()
    }
  }

  *readings(): Iterable<Reading> {
    for (const { server, name } of this.#servers) {
      if (server.listening) yield { name: 'listening', labels: { socket: name }, value: 1 }
    }
    yield { name: 'connections', value: this.#links.size }
  }

  async #listen(where: ListenAddress): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, client => this.#accept(client))
    const name = await listenTcp(server, 'tcp', where)
    server.on('error', error => this.#note('accept', error.message))
    this.#servers.push({ server, name })
  }

  #accept(client: Socket): void {
    const { address } = exporterAddress(client.remoteAddress ?? '')
    const target = this.#map.target(address)
    client.on('error', () => {})
    if (!target) {
      this.#refuse(client, 'unmatched', `${address}: no row of ${this.#map.file} holds it; the connection is closed`)
    } else if (this.#links.size >= this.#options.maxConnections) {
      this.#refuse(client, 'too-many', `${address}: refused, there are ${this.#links.size} connections already`)
    } else this.#link(client, target)
  }

  #refuse(client: Socket, what: 'unmatched' | 'too-many', message: string): void {
    this.#host.count(`connections-${what}`)
    this.#note(what, message)
    client.destroy()
  }

  #link(client: Socket, target: CrossConnectTarget): void {
    const backend = connect({ host: target.address, port: target.port, allowHalfOpen: true })
    const link: Link = { client, backend }
    this.#links.add(link)
    this.#host.count('connections-opened')
    for (const socket of [client, backend]) socket.setNoDelay(true)
    const names = `${client.remoteAddress} to ${addressText(target.address, target.port)}`
    const timer = setTimeout(() => backend.destroy(new Error('no answer')), CONNECT_MS)
    let isConnected = false
    backend.on('connect', () => {
      isConnected = true
      clearTimeout(timer)
      client.setKeepAlive(true)
      backend.setKeepAlive(true)
      if (this.#options.proxyHeader) backend.write(headerOf(client))
      client.pipe(backend)
      backend.pipe(client)
    })
    backend.on('error', error => {
      if (!isConnected) this.#note('connect', `${names}: ${error.message}`)
    })
    backend.on('close', failed => {
      clearTimeout(timer)
      if (failed || !isConnected) reset(client)
      else client.end()
    })
    client.on('close', failed => {
      if (failed || !isConnected) reset(backend)
      else backend.end()
      if (this.#links.delete(link)) this.#host.count('connections-closed')
    })
  }

  #note(what: keyof typeof TROUBLES, message: string): void {
    if (this.#problems.length < PROBLEMS) this.#problems.push({ ...TROUBLES[what], message })
    this.#turns.ring()
  }

  /** From the main loop, because under --strict a problem ends it. */
  #tell(): void {
    const problems = this.#problems
    this.#problems = []
    for (const problem of problems) this.#host.report(problem)
  }

  async #close(): Promise<void> {
    for (const { server } of this.#servers) server.close()
    for (const { client, backend } of this.#links) for (const socket of [client, backend]) socket.end()
    if (this.#links.size > 0) await new Promise(resolve => setTimeout(resolve, CLOSE_MS).unref())
    for (const { client, backend } of this.#links) for (const socket of [client, backend]) socket.destroy()
  }
}

/** Ends a connection so that the far end sees that it failed. */
function reset(socket: Socket): void {
  if (socket.connecting) socket.destroy()
  else socket.resetAndDestroy()
}

function headerOf(client: Socket): Uint8Array {
  const end = (address: string | undefined, port: number | undefined) => ({
    address: exporterAddress(address ?? '::').address,
    port: port ?? 0,
  })
  return writeProxyHeader(end(client.remoteAddress, client.remotePort), end(client.localAddress, client.localPort))
}
