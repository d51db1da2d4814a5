// Where the text of one file goes. A regular file is written under a temporary name beside it and renamed when it is
// finished, so that nobody reads half a file.
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ProblemError } from '../../contract/problem.ts'
import { errorCode, writeFailed } from './failure.ts'
import { giveTo, makeFolderOf, type Owner } from './owner.ts'

export interface Target {
  /** Whether the file is empty so far. */
  readonly fresh: boolean
  /** Of a file that is not. */
  readonly firstLines?: readonly string[] | undefined
  /** Undefined when it is done already; else one call at a time. Throws or rejects with ProblemError or ReaderLeft. */
  write(octets: Uint8Array): Promise<void> | undefined
  /** Gives the file descriptor back; the next write opens it again. */
  suspend(): void
  /** Puts the file under its name. */
  finish(): void
}

export type FileMode = 'replace' | 'append' | 'in-place'

function openTemporary(path: string): number {
  try {
    return openSync(path, 'ax')
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    // Left by a process of the same number that was killed.
    unlinkSync(path)
    return openSync(path, 'ax')
  }
}

export class FileTarget implements Target {
  readonly fresh: boolean
  readonly firstLines: readonly string[] | undefined
  readonly #file: string
  /** What is open: the temporary name, or the file itself. */
  readonly #path: string
  #fd: number | undefined
  /** Octets of whole lines. */
  #size: number

  constructor(file: string, mode: FileMode, owner?: Owner) {
    this.#file = file
    this.#path = mode === 'replace' ? join(dirname(file), `.${basename(file)}.${process.pid}.part`) : file
    try {
      makeFolderOf(file, owner)
      if (mode === 'replace' && existsSync(file) && statSync(file).isDirectory()) {
        throw Object.assign(new Error('EISDIR: it is a folder'), { code: 'EISDIR' })
      }
      const isNew = mode === 'replace' || !existsSync(this.#path)
      this.#fd = mode === 'replace' ? openTemporary(this.#path) : openSync(file, 'a')
      if (isNew) giveTo(this.#path, owner)
      if (mode === 'in-place' && fstatSync(this.#fd).isFile()) ftruncateSync(this.#fd, 0)
      this.#size = fstatSync(this.#fd).size
    } catch (error) {
      throw error instanceof ProblemError ? error : writeFailed(file, error)
    }
    this.fresh = this.#size === 0
    this.firstLines = this.fresh ? undefined : firstLines(file)
  }

  write(octets: Uint8Array): undefined {
    try {
      this.#fd ??= openSync(this.#path, 'a')
      for (let at = 0; at < octets.length; ) at += writeSync(this.#fd, octets, at)
      this.#size += octets.length
    } catch (error) {
      this.#cutHalfLine()
      throw writeFailed(this.#file, error, this.#path)
    }
  }

  /** A full disk may have taken a part of the last lines. */
  #cutHalfLine(): void {
    try {
      if (this.#fd !== undefined && fstatSync(this.#fd).isFile()) ftruncateSync(this.#fd, this.#size)
    } catch {
      // The write failed and was reported; that the file cannot be shortened either adds nothing.
    }
  }

  suspend(): void {
    if (this.#fd === undefined) return
    closeSync(this.#fd)
    this.#fd = undefined
  }

  finish(): void {
    this.suspend()
    if (this.#path === this.#file) return
    try {
      renameSync(this.#path, this.#file)
    } catch (error) {
      throw writeFailed(this.#file, error, this.#path)
    }
  }
}

/** A header further on is not compared. */
const BEGINNING_OCTETS = 65_536

function firstLines(file: string): string[] {
  const octets = Buffer.alloc(BEGINNING_OCTETS)
  try {
    const fd = openSync(file, 'r')
    const count = readSync(fd, octets)
    closeSync(fd)
    return octets.toString('utf8', 0, octets.subarray(0, count).lastIndexOf(10)).split('\n')
  } catch {
    // Written but not read: there is nothing to compare with.
    return []
  }
}
