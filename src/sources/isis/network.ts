// IS-IS with neighbours on interfaces.
import type { Host } from '../../contract/host.ts'
import type { Batch, Stream } from '../../contract/record.ts'
import { dropPrivileges } from '../drop-privileges.ts'
import { errorCode } from '../listen-problem.ts'
import { byTurns, type TurnWork } from '../turn-loop.ts'
import { Turns } from '../turns.ts'
import type { SpeakerState } from './adjacency.ts'
import { Circuit, GROUPS } from './circuit.ts'
import { type NetworkInterface, readInterface } from './interface.ts'
import type { IsisOptions } from './options.ts'
import { type OpenPacketSocket, packetSockets } from './packet-socket.ts'
import { IsisReceiver } from './receiver.ts'

/** Sockets are looked at so often: Node.js cannot wait for them. */
const POLL_MS = 40

/** Of a MAC address: `0242.ac11.0002`. */
const systemIdOf = ({ mac }: NetworkInterface): string => mac.replace(/....(?=.)/g, '$&.')

class IsisNetwork implements TurnWork {
  readonly turns = new Turns()
  readonly #options: IsisOptions
  readonly #host: Host
  readonly #receiver: IsisReceiver
  readonly #openSocket: OpenPacketSocket | undefined
  #circuits: readonly Circuit[] = []
  #poll: NodeJS.Timeout | undefined

  constructor(options: IsisOptions, host: Host, openSocket: OpenPacketSocket | undefined) {
    this.#options = options
    this.#host = host
    this.#receiver = new IsisReceiver(options, host)
    this.#openSocket = openSocket
  }

  async open(): Promise<void> {
    const { interfaces: names, account, speaker: wanted } = this.#options
    const interfaces = names.map(readInterface)
    const speaker = speakerOf(this.#options, interfaces[0] as NetworkInterface)
    const openSocket = this.#openSocket ?? (await packetSockets())
    const sockets = interfaces.map(at => ({ at, socket: openSocket(at, GROUPS) }))
    if (account) dropPrivileges(account)
    this.#circuits = sockets.map(
      ({ at, socket }) => new Circuit(at, wanted.circuit, speaker, socket, this.#receiver, this.#host),
    )
    watch(this.#host, this.#circuits)
    this.#receiver.marker('log_init', this.turns.nowUs())
    this.#tick()
    this.#poll = setInterval(() => this.turns.ring(), POLL_MS)
  }

  *take(): Generator<Batch> {
    const timeUs = this.turns.nowUs()
    let isBusy = false
    for (const circuit of this.#circuits) isBusy = readSafely(circuit, timeUs, this.#host) || isBusy
    if (isBusy) this.turns.ring()
    yield* this.#receiver.flush()
  }

  async keepUp(isReloaded: boolean): Promise<void> {
    this.#tick()
    if (isReloaded) await this.#receiver.reload()
  }

  #tick(): void {
    const timeUs = this.turns.nowUs()
    for (const circuit of this.#circuits) circuit.tick(timeUs)
    this.#receiver.tick(timeUs)
  }

  *end(): Generator<Batch> {
    this.#receiver.marker('log_close', this.turns.nowUs())
    yield* this.#receiver.flush()
  }

  close(): void {
    clearInterval(this.#poll)
    for (const circuit of this.#circuits) quietly(() => circuit.close())
  }
}

function speakerOf({ speaker }: IsisOptions, first: NetworkInterface): SpeakerState {
  return {
    systemId: speaker.systemId ?? systemIdOf(first),
    areas: speaker.areas,
    levels: speaker.levels,
    helloMs: 1000 * speaker.helloSeconds,
    holdSeconds: speaker.helloSeconds * speaker.holdMultiplier,
  }
}

/** An interface that is down for a while says so, once a second at most; its neighbours are lost by their hold time. */
function readSafely(circuit: Circuit, timeUs: number, host: Host): boolean {
  try {
    return circuit.read(timeUs)
  } catch (error) {
    const message = `an interface cannot be read: ${errorCode(error) ?? String(error)}`
    host.report({ code: 'isis/interface', message })
    return false
  }
}

function quietly(close: () => void): void {
  try {
    close()
  } catch {}
}

function watch(host: Host, circuits: readonly Circuit[]): void {
  host.watch(() => [
    { name: 'adjacencies', value: circuits.reduce((sum, circuit) => sum + circuit.adjacencies, 0) },
    { name: 'lsps_wanted', value: circuits.reduce((sum, circuit) => sum + circuit.wanted, 0) },
  ])
}

/** Throws a ProblemError when an interface cannot be opened. */
export function isisOfNetwork(options: IsisOptions, host: Host, openSocket?: OpenPacketSocket): Stream {
  const network = new IsisNetwork(options, host, openSocket)
  return byTurns(network, network.turns, host)
}
