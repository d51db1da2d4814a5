// Side inputs: a stream that a flag names, beside the one that goes through. A file (plain, gz, zst), a FIFO, what the
// shell's <( ) gives (/dev/fd/N), a unix socket, or <( ) in a line of `run`, whose records come without text between.
import { open as openCallback, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { promisify } from 'node:util'
import type { Host } from '../contract/host.ts'
import { ProblemError } from '../contract/problem.ts'
import type { Stream } from '../contract/record.ts'
import { readLines } from '../fields/line-reader.ts'
import { openFile } from '../stream/file-input.ts'
import { type OctetInput, openInput } from '../stream/input.ts'
import { readableInput } from '../stream/readable-input.ts'
import type { StageHost } from './host.ts'

/** How a word begins that stands for <( ) of a line. */
export const SIDE_INPUT = '/dev/netally/'
const UNIX_SOCKET = 'unix:'

export const isSideInput = (word: string): boolean => word.startsWith(SIDE_INPUT)

/** The stream of a word after a flag; throws a ProblemError when nothing of that name is there. Opened when it is first read. */
export function sideInput(path: string, host: Host): Stream {
  if (isSideInput(path)) return { [Symbol.asyncIterator]: () => ofTheLine(path, host)[Symbol.asyncIterator]() }
  const from = path.startsWith(UNIX_SOCKET) ? path.slice(UNIX_SOCKET.length) : path
  const isFifo = kindOf(from, path).isFIFO()
  return lines(path, host, async () => {
    if (path.startsWith(UNIX_SOCKET)) return readableInput(await connected(from, path))
    // Opening a FIFO waits for its writer; in another thread, so that a signal still ends it.
    return isFifo ? openInput(await promisify(openCallback)(from, 'r'), from) : openFile(from)
  })
}

function ofTheLine(word: string, host: Host): Stream {
  const stream = (host as StageHost).sides?.get(word)
  if (stream) return stream
  throw new ProblemError({
    code: 'usage/no-side-input',
    message: 'a <( ) of the line is read twice, or by a stage that is not of the line',
    hint: 'name the stream, and read it as <(NAME) where it is wanted',
  })
}

function kindOf(path: string, named: string) {
  try {
    return statSync(path)
  } catch (error) {
    throw new ProblemError({
      code: 'input/unreadable',
      message: `cannot read "${named}": ${error instanceof Error ? error.message : String(error)}`,
      hint: 'a side input is a file, a FIFO, unix:PATH or <(COMMAND)',
    })
  }
}

async function* lines(path: string, host: Host, open: () => Promise<OctetInput>): Stream {
  // Its lines did not come in through the stage's own input: they are counted apart.
  const aside: Host = {
    signal: host.signal,
    reloads: 0,
    count: (name, by) => host.count(`side/${name.replace('dropped/', '')}`, by),
    report: problem => host.report(problem),
    watch() {},
  }
  const strict = (host as StageHost).isStrict
  yield* readLines(await open(), aside, { heartbeat: true, name: path, strict })
}

function connected(path: string, named: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', error => {
      reject(new ProblemError({ code: 'input/unreadable', message: `cannot connect to "${named}": ${error.message}` }))
    })
  })
}
