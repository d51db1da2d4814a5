// Several workers as one source: started, fed, listened to, and ended together.
import { MessageChannel, Worker } from 'node:worker_threads'
import type { Needs } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import { type Problem, ProblemError } from '../../contract/problem.ts'
import { makeRing, RingReader } from '../../sources/datagram-ring.ts'
import type { Outlets } from '../../sources/udp-thread-messages.ts'
import { thrownBy } from '../failures.ts'
import type { StageHost } from '../host.ts'
import { mergedReadings } from './merged-readings.ts'
import type {
  CountersMessage,
  MarkMessage,
  OctetsMessage,
  StageOrigin,
  SumsMessage,
  WorkerForm,
  WorkerInput,
  WorkerMessage,
  WorkerOrder,
} from './messages.ts'
import type { WorkerTemplates } from './templates.ts'

/** What workers are made for. */
export interface WorkerLine {
  readonly root: string
  readonly count: number
  readonly ringOctets: number
  readonly form: WorkerForm
  readonly stages: readonly { readonly origin: StageOrigin; readonly host: StageHost }[]
  readonly wanted: Needs
  readonly outIsCounted: boolean
  readonly strict: boolean
  readonly maxKeys: number
  readonly templates: WorkerTemplates | undefined
  /** Puts the input into the rings; resolves when that is all. */
  readonly steer: (outlets: Outlets, signal: AbortSignal, host: Host) => Promise<void>
  /** What a worker runs, where that is not worker.ts. */
  readonly program?: URL
}

type Item = OctetsMessage | SumsMessage
export type GroupItem = Item | MarkMessage

/** Maps that changed are looked for so often. */
const RELOAD_MS = 200
/** Compiled, or as it stands in a checkout. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

class Member {
  readonly worker: Worker
  readonly inbox: (Item | MarkMessage)[] = []
  readings: CountersMessage['readings'] = []
  /** The last mark that was taken out of the inbox, Unix ms. */
  atMs = 0
  isBusy = false
  isReady = false
  hasEnded = false

  constructor(program: URL, workerData: WorkerInput, index: number) {
    this.worker = new Worker(program, { workerData, transferList: [workerData.news], name: `worker ${index + 1}` })
  }

  order(order: WorkerOrder, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(order, transfer)
  }
}

export class WorkerGroup {
  readonly #line: WorkerLine
  readonly #members: Member[] = []
  readonly #ending = new AbortController()
  #steering: Promise<void> = Promise.resolve()
  #failure: unknown
  #wake: (() => void) | undefined
  /** Who said what was given last. */
  #heard: Member | undefined
  /** Whose turn it is to be heard. */
  #turn = 0
  /** All took this mark, Unix ms. */
  #markMs = 0

  constructor(line: WorkerLine) {
    this.#line = line
  }

  /** Nobody wants the rest: the workers end, and what they still say is to be taken. */
  stop(): void {
    this.#ending.abort()
    for (const member of this.#members) member.order({ kind: 'stop' })
  }

  /**
   * What the workers give. Nothing of after a mark is given before all came to it, so that their clocks stay together; a mark is
   * given once. Throws what ended a worker or the input.
   */
  async *items(): AsyncGenerator<GroupItem> {
    await this.#start()
    const timer = setInterval(this.#followReloads(), RELOAD_MS)
    try {
      for (;;) {
        const item = this.#take()
        if (item) {
          yield item
          this.#giveBack(item)
        } else if (this.#failure) throw this.#failure
        else if (this.#members.every(({ atMs }) => atMs === Number.POSITIVE_INFINITY)) break
        else await this.#news()
      }
      await this.#end()
    } finally {
      clearInterval(timer)
      await this.#close()
    }
  }

  async #start(): Promise<void> {
    const { count, stages, steer, templates, root, form, wanted, outIsCounted, strict, maxKeys, program } = this.#line
    const kept = await templates?.deal(count)
    const channels = Array.from({ length: count }, () => new MessageChannel())
    const rings = channels.map(() => makeRing(this.#line.ringOctets))
    const shared = { root, stages: stages.map(({ origin }) => origin), form, wanted, outIsCounted, strict, maxKeys }
    channels.forEach(({ port2 }, index) => {
      const part = kept && { name: kept.name, stored: kept.parts[index] }
      const ring = rings[index] as (typeof rings)[number]
      const member = new Member(program ?? PROGRAM, { ...shared, ring, news: port2, templates: part }, index)
      this.#members.push(member)
      this.#listen(member, index)
    })
    stages.forEach(({ host }, stage) => {
      host.watch(() => mergedReadings(this.#members.map(({ readings }) => readings[stage] ?? [])))
    })
    const host = stages[0]?.host as StageHost
    const readers = rings.map(ring => new RingReader(ring))
    host.watch(() => [
      { name: 'workers', value: this.#members.filter(({ isReady }) => isReady).length },
      { name: 'datagram_octets_waiting', value: readers.reduce((sum, { waitingOctets }) => sum + waitingOctets, 0) },
    ])
    const signal = AbortSignal.any([host.signal, this.#ending.signal])
    const outlets = { rings, ports: channels.map(({ port1 }) => port1), known: kept?.dealt ?? new Map() }
    this.#steering = steer(outlets, signal, host)
    this.#steering.catch(error => this.#fail(error))
  }

  #listen(member: Member, index: number): void {
    const { worker } = member
    worker.on('message', (message: WorkerMessage) => this.#hear(member, index, message))
    let why = 'it ended by itself'
    worker.on('error', error => {
      why = error.message
    })
    // Not before: what it said until then may come behind its error.
    worker.on('exit', () => {
      if (!member.hasEnded) this.#fail(died(index, why))
    })
  }

  #hear(member: Member, index: number, message: WorkerMessage): void {
    const { stages, templates } = this.#line
    switch (message.kind) {
      case 'counters':
        member.readings = message.readings
        message.counted.forEach((counted, stage) => {
          for (const [name, by] of counted) stages[stage]?.host.count(name, by)
        })
        return
      case 'ready':
        member.isReady = true
        return
      case 'problem':
        stages[message.stage]?.host.relay(message.problem)
        return
      case 'templates':
        templates?.keep(index, message.templates)
        return
      case 'failed':
        member.hasEnded = true
        this.#fail(new ProblemError(message.problem), message.stage)
        return
      case 'ended':
        member.hasEnded = true
        this.#ring()
        return
      default:
        member.inbox.push(message)
        this.#ring()
    }
  }

  /** The next that may be given; undefined when there is nothing now. */
  #take(): GroupItem | undefined {
    for (let turns = 0; turns < this.#members.length; turns++) {
      const member = this.#members[this.#turn++ % this.#members.length] as Member
      while (member.atMs <= this.#markMs && member.inbox.length > 0) {
        const item = member.inbox.shift() as Item | MarkMessage
        if (item.kind !== 'mark') {
          member.order({ kind: 'taken', rows: item.rows })
          this.#heard = member
          return item
        }
        member.atMs = item.now
        member.isBusy ||= item.isBusy
      }
    }
    const now = Math.min(...this.#members.map(({ atMs }) => atMs))
    if (now <= this.#markMs || now === Number.POSITIVE_INFINITY) return undefined
    this.#markMs = now
    const isBusy = this.#members.some(member => member.isBusy)
    for (const member of this.#members) member.isBusy = false
    return { kind: 'mark', now, isBusy }
  }

  #giveBack(item: GroupItem): void {
    if (item.kind !== 'octets') return
    const memory = item.octets.buffer
    this.#heard?.order({ kind: 'spare', memory }, [memory])
  }

  #ring(): void {
    this.#wake?.()
  }

  /** Where no stage is named, it is the source that failed: the workers and what feeds them are its. */
  #fail(error: unknown, stage = this.#line.stages[0]?.host.command): void {
    if (stage !== undefined) thrownBy(error, stage)
    this.#failure ??= error
    this.#ending.abort()
    this.#ring()
  }

  /** SIGHUP, and files that changed: this thread sees them, the workers read them again. */
  #followReloads(): () => void {
    const { stages } = this.#line
    const seen = stages.map(({ host }) => host.reloads)
    return () => {
      stages.forEach(({ host }, stage) => {
        if (host.reloads === seen[stage]) return
        seen[stage] = host.reloads
        for (const member of this.#members) member.order({ kind: 'reload', stage })
      })
    }
  }

  /** All was said; the last counters come behind it. */
  async #end(): Promise<void> {
    await this.#steering
    while (this.#members.some(({ hasEnded }) => !hasEnded)) {
      if (this.#failure) throw this.#failure
      await this.#news()
    }
  }

  /** Resolves when a worker said something, or something failed. */
  async #news(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#wake = resolve
    })
    this.#wake = undefined
  }

  async #close(): Promise<void> {
    this.#ending.abort()
    await this.#steering.catch(() => {})
    await Promise.all(
      this.#members.map(member => {
        member.hasEnded = true
        return member.worker.terminate()
      }),
    )
    await this.#line.templates?.save()
  }
}

function died(index: number, why: string): ProblemError {
  const problem: Problem = {
    code: 'workers/died',
    message: `worker ${index + 1} died: ${why}`,
    hint: 'what it had was not written; start the command again, with fewer keys or more memory if that was short',
  }
  return new ProblemError(problem)
}
