// Octets out, with back-pressure and a reader that may leave.
import { fstatSync, write, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { isatty } from 'node:tty'
import { ProblemError } from '../contract/problem.ts'

/** The reader of our output went away (EPIPE): a quiet end, not a failure. */
export class ReaderLeft extends Error {
  constructor() {
    super('the reader of the output left')
    this.name = 'ReaderLeft'
  }
}

export interface OctetOutput {
  /** Resolves when all of it is taken; the octets may be used again then. One call at a time. */
  write(octets: Uint8Array): Promise<void>
}

function failure(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE') return new ReaderLeft()
  const hint = error.code === 'ENOSPC' ? { hint: 'the disk is full: make room, then run the command again' } : {}
  return new ProblemError({
    code: 'output/write-failed',
    message: `cannot write the output: ${error.message}`,
    ...hint,
  })
}

function writeOnce(fd: number, octets: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, octets, 0, octets.length, null, (error, count) => {
      if (error) reject(failure(error))
      else resolve(count)
    })
  })
}

/**
 * A regular file, a device. Written at once, in this thread: into the page cache that takes less time than handing the
 * octets to another thread. A terminal may not be ready, so it is waited for.
 */
export function fileOutput(fd: number): OctetOutput {
  const waits = isatty(fd)
  return {
    async write(octets) {
      for (let at = 0; at < octets.length; ) {
        const rest = octets.subarray(at)
        at += waits ? await writeOnce(fd, rest) : writeNow(fd, rest)
      }
    },
  }
}

function writeNow(fd: number, octets: Uint8Array): number {
  try {
    return writeSync(fd, octets)
  } catch (error) {
    throw failure(error as NodeJS.ErrnoException)
  }
}

/** A pipe or socket: the event loop stays free while a slow reader holds us. */
function socketOutput(fd: number): OctetOutput {
  const socket = new Socket({ fd, readable: false, writable: true })
  let broken: Error | undefined
  socket.on('error', error => {
    broken = failure(error)
  })
  return {
    write: octets =>
      new Promise((resolve, reject) => {
        if (broken) reject(broken)
        else socket.write(octets, error => (error ? reject(failure(error)) : resolve()))
      }),
  }
}

/** Standard output, whatever it is. */
export function standardOutput(): OctetOutput {
  const stat = fstatSync(1)
  return stat.isFIFO() || stat.isSocket() ? socketOutput(1) : fileOutput(1)
}
