// MRT files as a source: tables and messages of collectors, one file after another.
import type { Host } from '../../contract/host.ts'
import { type Problem, ProblemError } from '../../contract/problem.ts'
import type { Stream } from '../../contract/record.ts'
import { MrtDecoder, type MrtDecoderOptions } from '../../wire/mrt/decoder.ts'
import { type OctetReader, openOctets, systemReason } from '../capture-octets.ts'
import { bzip2Reader, isBzip2 } from './bzip2.ts'
import { NOT_MRT, RecordReader } from './record-reader.ts'

export interface MrtOptions {
  /** In order; '-' is standard input. */
  readonly files: readonly string[]
  readonly decoder: MrtDecoderOptions
}

/** Enough to tell a compression by. */
const HEAD_OCTETS = 64 * 1024

/** Gives again what was read to look at, then the rest. */
class HeadedReader implements OctetReader {
  readonly #rest: OctetReader
  #head: Uint8Array

  constructor(head: Uint8Array, rest: OctetReader) {
    this.#head = head
    this.#rest = rest
  }

  get problem(): Problem | undefined {
    return this.#rest.problem
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#head.length === 0) return this.#rest.read(target)
    const part = this.#head.subarray(0, target.length)
    target.set(part)
    this.#head = this.#head.subarray(part.length)
    return part.length
  }

  close(): Promise<void> {
    return this.#rest.close()
  }
}

async function openMrtFile(path: string, signal: AbortSignal): Promise<OctetReader> {
  const input = await openOctets(path, signal)
  const buffer = new Uint8Array(HEAD_OCTETS)
  const head = buffer.subarray(0, await input.read(buffer))
  return isBzip2(head) ? bzip2Reader(head, input) : new HeadedReader(head, input)
}

/** Problems of the file name it. */
function named(host: Host, path: string): Pick<Host, 'count' | 'report'> {
  return { count: (name, by) => host.count(name, by), report: problem => host.report(withName(problem, path)) }
}

function withName(problem: Problem, path: string): Problem {
  return { ...problem, message: `${path === '-' ? 'standard input' : path}: ${problem.message}` }
}

/** Throws a ProblemError for a file that cannot be opened, or is none of MRT. */
export async function* openMrt({ files, decoder: options }: MrtOptions, host: Host): Stream {
  let path = ''
  const witness = { count: host.count.bind(host), report: (problem: Problem) => named(host, path).report(problem) }
  const decoder = new MrtDecoder(options, witness)
  for (path of files) {
    if (host.signal.aborted) break
    decoder.begin()
    yield* readFile(path, decoder, host)
  }
}

async function* readFile(path: string, decoder: MrtDecoder, host: Host): Stream {
  let input: OctetReader | undefined
  try {
    input = await openMrtFile(path, host.signal)
    const reader = new RecordReader(input)
    while (!reader.problem && !host.signal.aborted && (await reader.fill())) {
      while (reader.next()) {
        // Not yield*, which waits a turn for each record, batch or not.
        for (const batch of decoder.decode(reader.octets, reader.view, reader.start, reader.end)) yield batch
      }
      const rest = decoder.flush()
      if (rest) yield rest
    }
    if (host.signal.aborted) return
    const problem = input.problem ?? reader.finish()
    if (problem === NOT_MRT) throw new ProblemError(NOT_MRT)
    if (problem) host.report(withName(problem, path))
  } catch (error) {
    if (error instanceof ProblemError) throw new ProblemError(withName(error.problem, path))
    const reason = systemReason(error)
    if (reason === undefined) throw error
    throw new ProblemError(withName({ code: 'mrt/unreadable', message: `cannot be read: ${reason}` }, path))
  } finally {
    await input?.close()
  }
}
