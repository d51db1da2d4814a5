// A queue on disk: deliveries are appended to segments, read back in order, and forgotten when the backend has them.
import type { Host, Reading } from '../../../contract/host.ts'
import { ProblemError } from '../../../contract/problem.ts'
import { type Content, contentCount } from '../assembler.ts'
import { errorText } from '../failure.ts'
import { lineEnds, Parcel } from '../parcel.ts'
import type { Queue } from '../queue.ts'
import { ENTRY_HEADER_OCTETS, writeEntry } from './entry.ts'
import { type SpoolOptions, segmentOctets } from './options.ts'
import type { Position } from './position.ts'
import { type Recovered, recover } from './recover.ts'
import type { Segment } from './segments.ts'

const SYNC_MS = 1000
/** A full disk is tried again so often. */
const DISK_FULL_MS = 1000
const DISK_FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

interface Outstanding {
  readonly end: Position
  readonly takenMs: number
  isSettled: boolean
}

export class SpoolQueue implements Queue {
  readonly outlivesUs = true
  /** Records that are not delivered. */
  held: number
  readonly #options: SpoolOptions
  readonly #host: Host
  readonly #spool: Recovered
  /** Oldest first; the last is the one that is written. */
  readonly #segments: Segment[]
  readonly #firstOwn: number
  #next: number
  #cursor: Position
  /** Taken and not settled, in the order of the spool. */
  readonly #outstanding = new Map<Parcel, Outstanding>()
  readonly #takers: (() => void)[] = []
  readonly #putters: (() => void)[] = []
  #ended = false
  #isHurried = false
  #isDirty = false
  #syncing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  private constructor(options: SpoolOptions, spool: Recovered, host: Host) {
    this.#options = options
    this.#host = host
    this.#spool = spool
    this.#segments = [...spool.segments]
    this.#cursor = spool.cursor
    this.#firstOwn = spool.next
    this.#next = spool.next
    this.held = spool.segments.reduce((sum, { records }) => sum + records, 0)
    this.#create()
    if (options.sync === 'interval') this.#timer = setInterval(() => void this.#sync(), SYNC_MS)
  }

  /** What another process left is created here, and held. */
  static async open(options: SpoolOptions, host: Host): Promise<SpoolQueue> {
    const queue = new SpoolQueue(options, await recover(options, host), host)
    host.count('created', queue.held)
    host.count('held', queue.held)
    return queue
  }

  get #octets(): number {
    return this.#segments.reduce((sum, { octets }) => sum + octets, 0)
  }

  get #writing(): Segment {
    return this.#segments.at(-1) as Segment
  }

  #create(): void {
    this.#segments.push(this.#spool.files.create(this.#next++))
    if (this.#options.sync !== 'never') this.#spool.files.syncFolder()
  }

  async #roll(): Promise<void> {
    await this.#sync()
    this.#create()
    this.#forget(this.#spool.position.position)
  }

  async put(content: Content, takenMs: number): Promise<boolean> {
    const count = contentCount(content)
    const entry = writeEntry(new Parcel('', takenMs, content).octets, count, takenMs)
    if (this.#writing.octets > 0 && this.#writing.octets + entry.length > segmentOctets(this.#options))
      await this.#roll()
    while (!(await this.#append(entry, count))) {
      if (this.#options.full === 'drop-newest') {
        this.#drop(count)
        return true
      }
      if (this.#isHurried) return false
    }
    this.held += count
    this.#isDirty = true
    if (this.#options.sync === 'always') await this.#sync()
    this.#takers.shift()?.()
    return true
  }

  /** False when there was no room, and time has passed or room was made. */
  async #append(entry: Uint8Array, count: number): Promise<boolean> {
    if (this.#octets + entry.length > this.#options.octets) {
      if (this.held === 0) await this.#roll()
      else {
        await this.#makeRoom()
        return false
      }
    }
    try {
      this.#spool.files.append(entry, count)
      return true
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && DISK_FULL.has(error.code))) throw this.#unwritable(error)
      this.#host.report({ ...this.#unwritable(error).problem, note: true })
      await this.#makeRoom(DISK_FULL_MS)
      return false
    }
  }

  #unwritable(error: unknown): ProblemError {
    return new ProblemError({
      code: 'spool/unwritable',
      message: `the spool ${this.#options.folder} cannot be written: ${errorText(error)}`,
      hint: 'make room on the disk, or give --spool-size less than there is',
    })
  }

  async #makeRoom(waitMs?: number): Promise<void> {
    const { full } = this.#options
    if (full === 'drop-oldest' && (await this.#dropOldest())) return
    if (full === 'drop-newest' || this.#isHurried) return
    await new Promise<void>(resolve => {
      const timer = waitMs === undefined ? undefined : setTimeout(resolve, waitMs)
      this.#putters.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #drop(count: number): void {
    this.#host.count('held', -count)
    this.#host.count('dropped/spool-full', count)
    this.#host.report({
      code: 'spool/full',
      message: `the spool ${this.#options.folder} is full: records are dropped`,
      hint: 'raise --spool-size, or let the input wait with --spool-full block',
      note: true,
    })
  }

  /** Lets the oldest segment go; false when all of it is on its way. */
  async #dropOldest(): Promise<boolean> {
    if (this.#segments.length === 1) await this.#roll()
    const [oldest] = this.#segments as [Segment]
    if (oldest === this.#writing) return false
    const unread = this.#recordsFrom(oldest)
    if (this.#cursor.segment <= oldest.number) this.#cursor = { segment: oldest.number + 1, offset: 0 }
    this.#segments.shift()
    this.#spool.files.delete(oldest.number)
    this.held -= unread
    if (unread > 0) this.#drop(unread)
    return true
  }

  /** Records of a segment that were not taken yet. */
  #recordsFrom({ number, records }: Segment): number {
    if (this.#cursor.segment > number) return 0
    if (this.#cursor.segment < number) return records
    return this.#spool.files.scan(number, this.#cursor.offset).entries.reduce((sum, { count }) => sum + count, 0)
  }

  async take(): Promise<Parcel | undefined> {
    for (;;) {
      const parcel = this.#read()
      if (parcel) return parcel
      if (this.#ended) return undefined
      await new Promise<void>(resolve => this.#takers.push(resolve))
    }
  }

  /** The delivery at the cursor, which moves past it. */
  #read(): Parcel | undefined {
    const { files, id } = this.#spool
    for (;;) {
      const { segment, offset } = this.#cursor
      const here = this.#segments.find(({ number }) => number >= segment) as Segment
      if (here.number > segment) this.#cursor = { segment: here.number, offset: 0 }
      else if (offset >= here.octets) {
        if (here === this.#writing) return undefined
        this.#cursor = { segment: segment + 1, offset: 0 }
      } else {
        const read = files.read(segment, offset)
        if (!read) {
          this.#skip(here, offset)
          continue
        }
        const end = { segment, offset: offset + ENTRY_HEADER_OCTETS + read.text.length }
        this.#cursor = end
        const { count, takenMs } = read.entry
        const parcel = new Parcel(`${id}-${segment}-${offset}`, takenMs, {
          octets: read.text,
          ends: lineEnds(read.text, count),
        })
        this.#outstanding.set(parcel, { end, takenMs, isSettled: false })
        return parcel
      }
    }
  }

  /** Past what cannot be read; told when the spool was opened, unless it was written since. */
  #skip({ number, octets }: Segment, offset: number): void {
    const next = this.#spool.files.scan(number, offset).entries[0]
    this.#cursor = { segment: number, offset: next?.offset ?? octets }
    if (number >= this.#firstOwn) this.#host.count('lost/spool-damage')
  }

  async settle(parcel: Parcel): Promise<void> {
    const own = this.#outstanding.get(parcel)
    if (own) own.isSettled = true
    this.held -= parcel.count
    let end: Position | undefined
    for (const [first, { isSettled, end: its }] of this.#outstanding) {
      if (!isSettled) break
      end = its
      this.#outstanding.delete(first)
    }
    if (!end) return
    this.#spool.position.move(end)
    this.#isDirty = true
    this.#forget(end)
  }

  /** Deletes segments that are delivered whole. */
  #forget({ segment, offset }: Position): void {
    for (let first = this.#segments[0]; first && first !== this.#writing; first = this.#segments[0]) {
      if (first.number > segment || (first.number === segment && offset < first.octets)) break
      this.#segments.shift()
      this.#spool.files.delete(first.number)
    }
    for (const wake of this.#putters.splice(0)) wake()
  }

  async #sync(): Promise<void> {
    if (this.#options.sync === 'never' || !this.#isDirty) return
    this.#isDirty = false
    await this.#syncing
    this.#syncing = Promise.all([this.#spool.files.sync(), this.#spool.position.sync()]).then(
      () => undefined,
      error => this.#host.report({ ...this.#unwritable(error).problem, note: true }),
    )
    await this.#syncing
  }

  end(): void {
    this.#ended = true
    for (const wake of this.#takers.splice(0)) wake()
  }

  waitNoMore(): void {
    this.#isHurried = true
    for (const wake of this.#putters.splice(0)) wake()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sync()
    const { files, position, release } = this.#spool
    files.endReading()
    files.endWriting()
    for (const { number, octets } of this.#segments) if (octets === 0 || this.held === 0) files.delete(number)
    position.close()
    release()
  }

  *readings(): Iterable<Reading> {
    yield { name: 'spool_octets', value: this.#octets }
    yield { name: 'spool_records', value: this.held }
    const [first] = this.#outstanding.values()
    const oldestMs = first?.takenMs
    if (oldestMs !== undefined) yield { name: 'spool_oldest_seconds', value: (Date.now() - oldestMs) / 1000 }
  }
}
