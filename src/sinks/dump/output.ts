// One file being written: records to text, text to the target in large pieces, counted when it is there.
import type { Host } from '../../contract/host.ts'
import type { Batch } from '../../contract/record.ts'
import { OctetBuffer } from '../../octets/buffer.ts'
import { ReaderLeft } from '../../stream/output.ts'
import type { Format } from './format.ts'
import type { Target } from './target.ts'

const FIRST_OCTETS = 4096

export interface OutputOptions {
  readonly name: string
  /** Start of the interval, Unix ms; 0 = none. */
  readonly binMs: number
  readonly target: Target
  readonly format: Format
  /** Undefined = no markers. */
  readonly writerId: string | undefined
  readonly openedMs: number
}

export class Output {
  readonly name: string
  readonly binMs: number
  /** Records whose text the target took. */
  records = 0
  readonly #options: OutputOptions
  readonly #host: Host
  #filling = new OctetBuffer(FIRST_OCTETS)
  #spare = new OctetBuffer(FIRST_OCTETS)
  /** Records in the buffer. */
  #rows = 0
  /** Records that the target is writing. */
  #writingRows = 0
  #writing: Promise<void> | undefined
  #failure: unknown

  constructor(options: OutputOptions, host: Host) {
    this.name = options.name
    this.binMs = options.binMs
    this.#options = options
    this.#host = host
    if (options.writerId !== undefined) this.#mark('purge_init', 0)
  }

  #mark(kind: 'purge_init' | 'purge_close', durationSeconds: number): void {
    const { format, writerId = '' } = this.#options
    format.marker(
      { kind, writerId, entries: this.records + this.#writingRows + this.#rows, durationSeconds },
      this.#filling,
    )
  }

  /** Records taken and not written yet: what is lost when the target fails. */
  get pending(): number {
    return this.#options.format.held + this.#rows + this.#writingRows
  }

  /** Whether the buffer holds `fullOctets` or more after it took the batch. */
  take(batch: Batch, fullOctets: number): boolean {
    this.#rows += this.#options.format.write(batch, this.#filling)
    return this.#filling.length >= fullOctets
  }

  /** Hands the buffer to the target; resolves when a next buffer may be handed over. */
  async flush(): Promise<void> {
    this.#rows += this.#options.format.release(this.#filling, false)
    while (this.#writing) await this.#writing
    if (this.#failure) throw this.#failure
    if (this.#filling.length === 0) return
    const full = this.#filling
    this.#writingRows += this.#rows
    this.#rows = 0
    const written = this.#options.target.write(full.written())
    if (!written) {
      this.#done(full)
      return
    }
    this.#filling = this.#spare
    this.#spare = full
    this.#writing = written.then(
      () => this.#done(full),
      error => {
        this.#failure = error
        this.#writing = undefined
      },
    )
  }

  #done(buffer: OctetBuffer): void {
    this.#host.count('out', this.#writingRows)
    this.records += this.#writingRows
    this.#writingRows = 0
    this.#writing = undefined
    buffer.length = 0
  }

  /** Writes what is left and puts the file under its name. */
  async finish(nowMs: number): Promise<void> {
    this.#rows += this.#options.format.release(this.#filling, true)
    if (this.#options.writerId !== undefined) {
      this.#mark('purge_close', Math.max(0, Math.round((nowMs - this.#options.openedMs) / 1000)))
    }
    await this.flush()
    await this.#writing
    if (this.#failure) throw this.#failure
    this.#options.target.finish()
  }

  suspend(): void {
    this.#options.target.suspend()
  }

  /** The reason under which what was not written is counted. */
  static lossOf(error: unknown): string {
    return error instanceof ReaderLeft ? 'dropped/reader-left' : 'dropped/write-failed'
  }
}
