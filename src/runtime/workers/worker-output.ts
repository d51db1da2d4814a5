// What a worker hands over: lines or sums, at the pace of who takes them.
import type { Stream } from '../../contract/record.ts'
import { OctetBuffer, writeBatch } from '../../fields/json-write.ts'
import type { AggregateOptions } from '../../operators/aggregate/options.ts'
import { PartialSums } from '../../operators/aggregate/partial.ts'
import type { PartialGroup } from '../../operators/aggregate/partial-group.ts'
import { Mark } from '../../stream/mark.ts'
import type { StageHost } from '../host.ts'
import type { WorkerMessage } from './messages.ts'

/** Lines are handed over when there is so much of them. */
const FULL_OCTETS = 1 << 19
/** Or after so long. */
const IDLE_MS = 20
/** Rows that were handed over and not taken yet; then the worker waits. */
const ROWS_UNTAKEN = 10_000
/** Memory of lines that waits for being used again. */
const MOST_SPARE = 32
/** Groups of sums that go together. */
const GROUPS_TOGETHER = 20

export class WorkerOutput {
  readonly #post: (message: WorkerMessage, transfer: ArrayBuffer[]) => void
  readonly #spare: ArrayBuffer[] = []
  #untaken = 0
  #resume: (() => void) | undefined
  #stopped = false

  constructor(post: (message: WorkerMessage, transfer: ArrayBuffer[]) => void) {
    this.#post = post
  }

  taken(rows: number): void {
    this.#untaken -= rows
    if (this.#untaken < ROWS_UNTAKEN) this.#resume?.()
  }

  /** Memory that lines may be written to. */
  spare(memory: ArrayBuffer): void {
    if (this.#spare.length < MOST_SPARE) this.#spare.push(memory)
  }

  #buffer(): OctetBuffer {
    return new OctetBuffer(2 * FULL_OCTETS, this.#spare.pop())
  }

  /** Nobody takes anything any more: nothing waits. */
  stop(): void {
    this.#stopped = true
    this.#resume?.()
  }

  async #room(): Promise<void> {
    while (this.#untaken >= ROWS_UNTAKEN && !this.#stopped) {
      await new Promise<void>(resolve => {
        this.#resume = resolve
      })
      this.#resume = undefined
    }
  }

  #mark(now: number, isBusy: boolean): void {
    this.#post({ kind: 'mark', now, isBusy }, [])
  }

  async writeLines(stream: Stream): Promise<void> {
    let buffer = this.#buffer()
    let rows = 0
    let isBusy = false
    let timer: NodeJS.Timeout | undefined
    const flush = () => {
      clearTimeout(timer)
      timer = undefined
      if (rows === 0) return
      const octets = buffer.written() as Uint8Array<ArrayBuffer>
      this.#untaken += rows
      this.#post({ kind: 'octets', octets, rows }, [octets.buffer])
      buffer = this.#buffer()
      rows = 0
    }
    try {
      for await (const batch of stream) {
        if (batch instanceof Mark) {
          flush()
          this.#mark(batch.now, isBusy)
          isBusy = false
        } else if (batch.count > 0) {
          isBusy = true
          rows += writeBatch(batch, buffer)
          timer ??= setTimeout(flush, IDLE_MS)
          if (buffer.length >= FULL_OCTETS) flush()
          await this.#room()
        }
      }
    } finally {
      flush()
    }
  }

  async handOnSums(stream: Stream, options: AggregateOptions, host: StageHost, maxKeys: number): Promise<void> {
    const sums = new PartialSums(options, host)
    let isBusy = false
    for await (const batch of stream) {
      if (batch instanceof Mark) {
        if (sums.mark(batch.now * 1000)) await this.#handOn(sums.handOn())
        this.#mark(batch.now, isBusy)
        isBusy = false
      } else if (batch.count > 0) {
        isBusy = true
        await sums.refresh()
        sums.add(batch)
        if (sums.isDue(maxKeys)) await this.#handOn(sums.handOn())
      }
    }
    await this.#handOn(sums.handOn())
  }

  async #handOn(groups: Iterable<PartialGroup>): Promise<void> {
    let together: PartialGroup[] = []
    const send = () => {
      const rows = together.reduce((sum, { count }) => sum + count, 0)
      this.#untaken += rows
      this.#post({ kind: 'sums', groups: together, rows }, [])
      together = []
    }
    for (const group of groups) {
      together.push(group)
      if (together.length < GROUPS_TOGETHER) continue
      send()
      await this.#room()
    }
    if (together.length > 0) send()
  }
}
