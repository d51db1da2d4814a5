// The thread that receives: it only moves datagrams from the sockets to the ring, so that the kernel's buffers are emptied
// however long a batch takes downstream.
import type { RemoteInfo } from 'node:dgram'
import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { ProblemError } from '../contract/problem.ts'
import { hurry } from './hurry.ts'
import { Steering } from './steering.ts'
import { Turns } from './turns.ts'
import { openUdpSockets, type UdpOptions, type UdpSocket } from './udp-sockets.ts'
import {
  COUNTED,
  type Outlets,
  type RingNews,
  type UdpThreadInput,
  type UdpThreadMessage,
  type UdpThreadOrder,
} from './udp-thread-messages.ts'

const CLOCK_MS = 1000
/** What libuv reads of a socket in one turn. */
const TURN_DATAGRAMS = 32
/**
 * When the sockets are empty the thread pauses before it looks again: waking for each datagram costs more than the datagram.
 * The pause is 10 ms where little comes, shorter where much comes (0.6 ms at 100,000 datagrams a second), and in proportion
 * to the receive buffer, which must hold what comes meanwhile: of 4 MiB at most a third, at 100,000 a second.
 */
const LONGEST_PAUSE_MS = 10
const LONGEST_PAUSE_OCTETS = 4 * 1024 * 1024
const LITTLE_DATAGRAMS = 4
/** Shorter is not worth the system call. */
const SHORTEST_PAUSE_MS = 0.1
/** After the order to stop, what the sockets still have is read for at most so long. */
const DRAIN_MS = 2000

class UdpThread {
  readonly #steering: Steering
  readonly #ports: Outlets['ports']
  readonly #counters: Float64Array
  readonly #turns = new Turns()
  #sockets: UdpSocket[] = []
  #inTurn = 0
  #sincePause = 0
  /** The longest. */
  #pauseMs = 0
  /** Nobody ever wakes the pause. */
  readonly #pause = new Int32Array(new SharedArrayBuffer(4))

  constructor({ outlets, counters }: UdpThreadInput) {
    this.#steering = new Steering(outlets.rings, outlets.known)
    this.#ports = outlets.ports
    this.#counters = new Float64Array(counters)
  }

  async open(options: UdpOptions): Promise<void> {
    this.#sockets = await openUdpSockets(options, problem => post({ kind: 'problem', problem }))
    for (const { socket } of this.#sockets) {
      socket.on('message', this.#receive)
      socket.on('error', ({ message }) => {
        post({ kind: 'problem', problem: { code: 'udp/receive', message: `a socket reports: ${message}` } })
      })
    }
    const buffers = this.#sockets.map(({ receiveBufferOctets }) => receiveBufferOctets)
    this.#pauseMs = LONGEST_PAUSE_MS * Math.min(1, Math.min(...buffers) / LONGEST_PAUSE_OCTETS)
    setInterval(this.#tick, CLOCK_MS).unref()
    post({ kind: 'ready', sockets: this.#sockets.map(({ socket: _, ...rest }) => rest) })
  }

  async drain(): Promise<void> {
    const until = performance.now() + DRAIN_MS
    let before: number
    do {
      before = this.#counters[COUNTED.datagrams] as number
      // Two turns: the first may have been in the middle.
      await turn()
      await turn()
    } while (this.#counters[COUNTED.datagrams] !== before && performance.now() < until)
    for (const { socket } of this.#sockets) socket.off('message', this.#receive)
    for (const port of this.#ports) tell(port, 'ended')
    post({ kind: 'ended' })
  }

  close(): void {
    for (const { socket } of this.#sockets) socket.close()
  }

  readonly #receive = (octets: Uint8Array, from: RemoteInfo) => {
    if (this.#inTurn++ === 0) setImmediate(this.#endTurn)
    const counters = this.#counters
    counters[COUNTED.datagrams] = (counters[COUNTED.datagrams] as number) + 1
    counters[COUNTED.octets] = (counters[COUNTED.octets] as number) + octets.length
    if (this.#steering.add(octets, from.address, from.port, this.#turns.nowUs())) return
    counters[COUNTED.queueFull] = (counters[COUNTED.queueFull] as number) + 1
  }

  readonly #endTurn = () => {
    const isEmpty = this.#inTurn < TURN_DATAGRAMS
    this.#sincePause += this.#inTurn
    this.#inTurn = 0
    this.#steering.end(this.#wake)
    if (!isEmpty) return
    const pauseMs = this.#pauseMs * Math.min(1, LITTLE_DATAGRAMS / this.#sincePause)
    this.#sincePause = 0
    if (pauseMs >= SHORTEST_PAUSE_MS) Atomics.wait(this.#pause, 0, 0, pauseMs)
  }

  readonly #wake = (ring: number) => {
    const port = this.#ports[ring]
    if (port) tell(port, 'wake')
    else post({ kind: 'wake' })
  }

  /** Time goes on where nothing comes. */
  readonly #tick = () => {
    this.#turns.setClock()
    this.#steering.mark(this.#turns.nowUs())
    this.#steering.end(this.#wake)
  }
}

function tell(port: Outlets['ports'][number], news: RingNews): void {
  port.postMessage(news)
}

function post(message: UdpThreadMessage): void {
  parentPort?.postMessage(message)
}

const input = workerData as UdpThreadInput
const thread = new UdpThread(input)
hurry()
parentPort?.on('message', (order: UdpThreadOrder) => {
  if (order === 'drain') void thread.drain()
  else {
    thread.close()
    parentPort?.close()
  }
})
try {
  await thread.open(input.options)
} catch (error) {
  if (!(error instanceof ProblemError)) throw error
  post({ kind: 'failed', problem: error.problem })
  parentPort?.close()
}
