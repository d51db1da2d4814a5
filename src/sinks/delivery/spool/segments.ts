// The files of a spool: `<number>.seg`, only ever appended to; the oldest are deleted.
import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ENTRY_HEADER_OCTETS, type Entry, readEntry, type Scanned, scanEntries } from './entry.ts'

const NAME = /^(\d{12})\.seg$/

export interface Segment {
  readonly number: number
  octets: number
  /** Records that are readable and were not delivered when the spool was opened, or were put since. */
  records: number
}

export class SegmentFiles {
  readonly #folder: string
  /** The segment that is written, and those that are read. */
  #writing: { segment: Segment; fd: number } | undefined
  #reading: { number: number; fd: number } | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  #path(number: number): string {
    return join(this.#folder, `${String(number).padStart(12, '0')}.seg`)
  }

  /** Numbers of the segments that are there, oldest first. */
  numbers(): number[] {
    return readdirSync(this.#folder)
      .flatMap(name => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
  }

  /** What is readable of a segment, from an offset on. */
  scan(number: number, from: number): Scanned & { readonly octets: number } {
    const octets = readFileSync(this.#path(number))
    return { ...scanEntries(octets, Math.min(from, octets.length)), octets: octets.length }
  }

  truncate(number: number, octets: number): void {
    const fd = openSync(this.#path(number), 'r+')
    ftruncateSync(fd, octets)
    fsyncSync(fd)
    closeSync(fd)
  }

  /** Starts a new segment; it is the one that append() writes. */
  create(number: number): Segment {
    this.endWriting()
    const fd = openSync(this.#path(number), 'wx')
    const segment: Segment = { number, octets: 0, records: 0 }
    this.#writing = { segment, fd }
    return segment
  }

  /** Makes the names of new segments last. */
  syncFolder(): void {
    const fd = openSync(this.#folder, 'r')
    fsyncSync(fd)
    closeSync(fd)
  }

  /** Writes an entry at the end; where it starts. Nothing is left of one that could not be written whole. */
  append(octets: Uint8Array, count: number): number {
    const { segment, fd } = this.#writing as { segment: Segment; fd: number }
    const offset = segment.octets
    try {
      for (let at = 0; at < octets.length; ) at += writeSync(fd, octets, at, octets.length - at, offset + at)
    } catch (error) {
      ftruncateSync(fd, offset)
      throw error
    }
    segment.octets += octets.length
    segment.records += count
    return offset
  }

  /** The entry at an offset with its text; undefined when it is not readable any more. */
  read(number: number, offset: number): { entry: Entry; text: Uint8Array } | undefined {
    const fd = this.#readFd(number)
    const header = new Uint8Array(ENTRY_HEADER_OCTETS)
    if (readSync(fd, header, 0, header.length, offset) < header.length) return undefined
    const length = new DataView(header.buffer).getUint32(4, true)
    if (length > statSync(this.#path(number)).size) return undefined
    const octets = new Uint8Array(ENTRY_HEADER_OCTETS + length)
    readSync(fd, octets, 0, octets.length, offset)
    const entry = readEntry(octets, 0)
    return entry && { entry: { ...entry, offset }, text: octets.subarray(ENTRY_HEADER_OCTETS) }
  }

  #readFd(number: number): number {
    if (this.#reading?.number !== number) {
      this.endReading()
      this.#reading = { number, fd: openSync(this.#path(number), 'r') }
    }
    return this.#reading.fd
  }

  endReading(): void {
    if (this.#reading) closeSync(this.#reading.fd)
    this.#reading = undefined
  }

  endWriting(): void {
    if (this.#writing) closeSync(this.#writing.fd)
    this.#writing = undefined
  }

  async sync(): Promise<void> {
    if (this.#writing) await promisify(fdatasync)(this.#writing.fd)
  }

  delete(number: number): void {
    if (this.#reading?.number === number) this.endReading()
    unlinkSync(this.#path(number))
  }
}
