// Records that a backend will never take: counted, and kept with the reason where a file for them is named.
import { appendFileSync, closeSync, openSync } from 'node:fs'
import type { Rejected } from '../../contract/backend.ts'
import type { Host } from '../../contract/host.ts'
import { ProblemError } from '../../contract/problem.ts'
import { errorText } from './failure.ts'
import type { Parcel } from './parcel.ts'

const LONGEST_REASON = 500

export class Rejects {
  readonly #path: string | undefined
  readonly #host: Host
  readonly #fd: number | undefined
  /** Records that are nowhere: refused, and no file to keep them. */
  lost = 0

  /** Appends to the file; a ProblemError when it cannot be written. */
  constructor(path: string | undefined, host: Host) {
    this.#path = path
    this.#host = host
    if (path === undefined) return
    try {
      this.#fd = openSync(path, 'a')
    } catch (error) {
      throw this.#unwritable(error)
    }
  }

  #unwritable(error: unknown): ProblemError {
    return new ProblemError({
      code: 'delivery/rejects-unwritable',
      message: `refused records cannot be kept in ${this.#path}: ${errorText(error)}`,
      hint: 'give --rejects a file that this user may write, on a disk with room',
    })
  }

  take(parcel: Parcel, rejected: readonly Rejected[]): void {
    const [first] = rejected
    this.#host.count('dropped/rejected', rejected.length)
    this.#host.report({
      code: 'delivery/rejected',
      message: `the backend refused ${rejected.length} of ${parcel.count} records: ${first?.reason.slice(0, LONGEST_REASON)}`,
      hint: this.#path === undefined ? '--rejects FILE keeps them, with the reason' : `they are in ${this.#path}`,
      note: true,
    })
    if (this.#fd === undefined) {
      this.lost += rejected.length
      return
    }
    const lines = rejected.map(({ index, reason }) => {
      const about = { reason: reason.slice(0, LONGEST_REASON), batch: parcel.id, time: Date.now() / 1000 }
      return `${JSON.stringify(about).slice(0, -1)},"record":${parcel.lineOf(index)}}\n`
    })
    try {
      appendFileSync(this.#fd, lines.join(''))
    } catch (error) {
      throw this.#unwritable(error)
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
  }
}
