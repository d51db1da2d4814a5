// IS-IS with neighbours on interfaces.
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import { dropPrivileges } from '../drop-privileges.ts'
import { errorCode } from '../listen-problem.ts'
import type { SpeakerState } from './adjacency.ts'
import { Circuit, GROUPS } from './circuit.ts'
import { type NetworkInterface, readInterface } from './interface.ts'
import type { IsisOptions } from './options.ts'
import { type OpenPacketSocket, packetSockets } from './packet-socket.ts'
import { IsisReceiver } from './receiver.ts'

/** Sockets are looked at so often: Node.js cannot wait for them. */
const POLL_MS = 40
const TICK_US = 1_000_000

const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000)

/** Of a MAC address: `0242.ac11.0002`. */
const systemIdOf = ({ mac }: NetworkInterface): string => mac.replace(/....(?=.)/g, '$&.')

/** Throws a ProblemError when an interface cannot be opened. */
export async function* isisOfNetwork(options: IsisOptions, host: Host, open?: OpenPacketSocket): Stream {
  const interfaces = options.interfaces.map(readInterface)
  const receiver = new IsisReceiver(options, host)
  const speaker = speakerOf(options, interfaces[0] as NetworkInterface)
  const openSocket = open ?? (await packetSockets())
  const sockets = interfaces.map(at => ({ at, socket: openSocket(at, GROUPS) }))
  if (options.account) dropPrivileges(options.account)
  const circuits = sockets.map(
    ({ at, socket }) => new Circuit(at, options.speaker.circuit, speaker, socket, receiver, host),
  )
  watch(host, circuits)
  receiver.marker('log_init', nowUs())
  try {
    yield* run(circuits, receiver, host)
    receiver.marker('log_close', nowUs())
    yield* receiver.flush()
  } finally {
    for (const circuit of circuits) quietly(() => circuit.close())
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

async function* run(circuits: readonly Circuit[], receiver: IsisReceiver, host: Host): Stream {
  let tickedUs = 0
  let { reloads } = host
  while (!host.signal.aborted) {
    const timeUs = nowUs()
    let isBusy = false
    for (const circuit of circuits) isBusy = readSafely(circuit, timeUs, host) || isBusy
    const isTick = timeUs >= tickedUs + TICK_US
    if (isTick) {
      tickedUs = timeUs
      for (const circuit of circuits) circuit.tick(timeUs)
      receiver.tick(timeUs)
    }
    yield* receiver.flush(isTick)
    if (reloads !== host.reloads) {
      reloads = host.reloads
      await receiver.reload()
    }
    if (!isBusy) await pause(host.signal)
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

function pause(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, POLL_MS)
    signal.addEventListener('abort', end)
  })
}

function watch(host: Host, circuits: readonly Circuit[]): void {
  host.watch(() => [
    { name: 'adjacencies', value: circuits.reduce((sum, circuit) => sum + circuit.adjacencies, 0) },
    { name: 'lsps_wanted', value: circuits.reduce((sum, circuit) => sum + circuit.wanted, 0) },
  ])
}
