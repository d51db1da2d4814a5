// A program of the system as a stage of a fused line: NDJSON to its input, its output read as NDJSON.
import type { Readable, Writable } from 'node:stream'
import { ProblemError } from '../contract/problem.ts'
import type { Stream } from '../contract/record.ts'
import { readLines } from '../fields/line-reader.ts'
import { type OctetOutput, ReaderLeft } from '../stream/output.ts'
import { readableInput } from '../stream/readable-input.ts'
import { thrownBy } from './failures.ts'
import type { StageHost } from './host.ts'
import { writeStream } from './write-stream.ts'

function writableOutput(writable: Writable): OctetOutput {
  writable.on('error', () => {})
  return {
    write: octets =>
      new Promise((resolve, reject) => {
        writable.write(octets, error => (error ? reject(new ReaderLeft()) : resolve()))
      }),
  }
}

/** Runs `words` as a program between two streams; it gets no shell. */
export async function* external(input: Stream | undefined, words: readonly string[], host: StageHost): Stream {
  const { execa } = await import('execa')
  const [program = '', ...args] = words
  const child = execa(program, args, {
    // A program that stands first has standard input, as in the shell.
    stdin: input ? 'pipe' : 'inherit',
    stdout: 'pipe',
    stderr: 'inherit',
    buffer: false,
    reject: false,
    stripFinalNewline: false,
  })
  const feeding = input ? feed(input, child.stdin as Writable, host) : Promise.resolve()
  // Looked at below; until then a failure must not count as unhandled.
  feeding.catch(() => {})
  let finished = false
  try {
    for await (const batch of readLines(readableInput(child.stdout as Readable), host, {
      heartbeat: false,
      name: program,
    })) {
      host.count('created', batch.count)
      yield batch
    }
    finished = true
  } finally {
    if (!finished) child.kill()
  }
  const result = await child
  if (result.failed) {
    const failure = new ProblemError({
      code: result.code === 'ENOENT' ? 'usage/no-such-stage' : 'run/program-failed',
      message:
        result.code === 'ENOENT'
          ? `"${program}" is neither a netally command nor a program`
          : `${program} ended with ${result.signal ? `signal ${result.signal}` : `status ${String(result.exitCode)}`}`,
      hint: result.code === 'ENOENT' ? '`netally help` lists the commands' : 'its own message stands above',
    })
    // The message has the program's name; it is no command of netally.
    thrownBy(failure, 'run')
    throw failure
  }
  await feeding
}

/** What the program takes counts as merged: what it gives back are other records. */
async function feed(input: Stream, stdin: Writable, host: StageHost): Promise<void> {
  const counter = { ...silentCounter(host) }
  try {
    await writeStream(input, writableOutput(stdin), counter as StageHost)
  } catch (error) {
    if (!(error instanceof ReaderLeft)) throw error
  } finally {
    stdin.end()
  }
}

/** writeStream counts what it wrote as `out`; here that is not the stage's output. */
function silentCounter(host: StageHost): Pick<StageHost, 'count' | 'report' | 'signal' | 'reloads' | 'watch'> {
  return {
    count: (name, by) => host.count(name === 'out' ? 'merged' : name, by),
    report: problem => host.report(problem),
    signal: host.signal,
    reloads: host.reloads,
    watch: read => host.watch(read),
  }
}
