// The thread that receives, as who started it sees it: what it counts, what was lost, and its end.
import { Worker } from 'node:worker_threads'
import type { Host, Reading } from '../contract/host.ts'
import { type Problem, ProblemError } from '../contract/problem.ts'
import { KernelDrops } from './kernel-drops.ts'
import { droppedByKernel, socketReadings } from './udp-reports.ts'
import type { UdpOptions, UdpSocket } from './udp-sockets.ts'
import {
  COUNTED,
  type Outlets,
  type UdpThreadInput,
  type UdpThreadMessage,
  type UdpThreadOrder,
} from './udp-thread-messages.ts'

type OpenSocket = Omit<UdpSocket, 'socket'>

/** Problems that wait for being told; more are only counted. */
const PROBLEMS = 100
/** Compiled, or as it stands in a checkout. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './udp-thread.ts' : './udp-thread.js', import.meta.url)

/** What its starter is told: at `wake` the ring of an outlet without port has something, at `end` nothing more will come. */
export interface UdpThreadEvents {
  wake(): void
  end(): void
}

export class UdpThreadHandle {
  /** The thread is over: nothing more will come. */
  ended = false
  readonly #host: Host
  readonly #events: UdpThreadEvents
  readonly #worker: Worker
  readonly #counters: Float64Array
  readonly #counted = new Float64Array(Object.keys(COUNTED).length)
  readonly #kernelDrops = new KernelDrops()
  #sockets: readonly OpenSocket[] = []
  #problems: Problem[] = []
  #untold = { kernelDrops: 0, queueFull: 0 }
  #failure: Error | undefined

  constructor(options: UdpOptions, outlets: Outlets, host: Host, events: UdpThreadEvents) {
    const counters = new SharedArrayBuffer(this.#counted.byteLength)
    const workerData: UdpThreadInput = { options, outlets, counters }
    this.#host = host
    this.#events = events
    this.#counters = new Float64Array(counters)
    this.#worker = new Worker(THREAD, { workerData, transferList: [...outlets.ports], name: 'udp' })
  }

  /** Resolves when the sockets are open; rejects with a ProblemError when one cannot be opened. */
  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#worker.on('message', (message: UdpThreadMessage) => {
        if (message.kind === 'failed') reject(new ProblemError(message.problem))
        else if (message.kind === 'ready') {
          this.#sockets = message.sockets
          for (const { name, port } of message.sockets) this.#kernelDrops.watch(name, port)
          resolve()
        } else this.#take(message)
      })
      this.#worker.on('error', error => {
        this.#failure = error
        reject(error)
        this.#end()
      })
      this.#worker.on('exit', () => this.#end())
    })
  }

  #take(message: UdpThreadMessage): void {
    if (message.kind === 'problem') {
      if (this.#problems.length < PROBLEMS) this.#problems.push(message.problem)
    } else if (message.kind === 'wake') {
      this.#events.wake()
    } else if (message.kind === 'ended') {
      this.count()
      this.#order('close')
      this.#end()
    }
  }

  #end(): void {
    this.ended = true
    this.#events.end()
  }

  /** Tells the thread to read what the sockets still have, and to end. */
  drain(): void {
    this.#order('drain')
  }

  #order(order: UdpThreadOrder): void {
    this.#worker.postMessage(order)
  }

  /** Counts what came and what was lost since the last call; call it now and then. */
  count(): void {
    const [datagrams, octets, queueFull] = [this.#more('datagrams'), this.#more('octets'), this.#more('queueFull')]
    const kernelDrops = this.#kernelDrops.read()
    const host = this.#host
    if (datagrams > 0) host.count('datagrams', datagrams)
    if (octets > 0) host.count('datagram-octets', octets)
    if (queueFull > 0) host.count('lost/queue-full', queueFull)
    if (kernelDrops > 0) host.count('lost/kernel-drops', kernelDrops)
    this.#untold.queueFull += queueFull
    this.#untold.kernelDrops += kernelDrops
  }

  #more(name: keyof typeof COUNTED): number {
    const index = COUNTED[name]
    const now = this.#counters[index] as number
    const more = now - (this.#counted[index] as number)
    this.#counted[index] = now
    return more
  }

  /** Says what was lost; call it from the stream, because under --strict a problem ends that. */
  tell(): void {
    if (this.#failure) throw this.#failure
    const { kernelDrops, queueFull } = this.#untold
    const problems = this.#problems
    this.#untold = { kernelDrops: 0, queueFull: 0 }
    this.#problems = []
    for (const problem of problems) this.#host.report(problem)
    if (kernelDrops > 0) this.#host.report(droppedByKernel(kernelDrops, this.#sockets))
    if (queueFull > 0) {
      const message = `${queueFull} datagrams were dropped: what reads the output is too slow`
      this.#host.report({ note: true, code: 'udp/queue-full', message })
    }
  }

  readings(): Iterable<Reading> {
    return socketReadings(this.#kernelDrops, this.#sockets)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
