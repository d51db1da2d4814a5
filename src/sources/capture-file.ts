// Captures as a source: frames, or the UDP datagrams in them.
import type { Host } from '../contract/host.ts'
import { type Problem, ProblemError } from '../contract/problem.ts'
import type { DatagramBlock, FrameBlock } from '../wire/capture/block.ts'
import { type DatagramOptions, DatagramReader } from '../wire/capture/datagrams.ts'
import { CaptureReader, type Witness } from '../wire/capture/parser.ts'
import { type OctetReader, openOctets, systemReason } from './capture-octets.ts'

export interface CaptureOptions {
  /** Aborted = end quietly. */
  readonly signal: AbortSignal
}

/**
 * The UDP datagrams of a capture; '-' is standard input. Throws ProblemError for `capture/unreadable`,
 * `capture/not-a-capture` and `capture/unsupported`; reports `capture/truncated` and `capture/corrupt` after all that
 * could be read, `capture/unknown-link-type` and `capture/no-interface` once each.
 */
export async function* captureDatagrams(
  path: string,
  options: CaptureOptions & DatagramOptions,
  host: Witness,
): AsyncGenerator<DatagramBlock, void, void> {
  const capture = new CaptureReader(named(host, path))
  const reader = new DatagramReader(capture.window, options, named(host, path))
  for await (const frames of readFrames(capture, path, open(path, options), options.signal, host)) {
    for (let index = 0; index < frames.count; ) {
      index = reader.read(frames, index)
      if (reader.block.count > 0) yield reader.block
    }
  }
  reader.finish()
}

/** The frames of a capture, for who looks at more than UDP; else as captureDatagrams. */
export function captureFrames(
  path: string,
  options: CaptureOptions,
  host: Witness,
): AsyncGenerator<FrameBlock, void, void> {
  return readFrames(new CaptureReader(named(host, path)), path, open(path, options), options.signal, host)
}

/** The frames of a capture that comes from elsewhere; `name` stands in what is reported. */
export function framesOf(
  name: string,
  input: OctetReader,
  options: CaptureOptions,
  host: Witness,
): AsyncGenerator<FrameBlock, void, void> {
  return readFrames(new CaptureReader(named(host, name)), name, () => Promise.resolve(input), options.signal, host)
}

const open =
  (path: string, { signal }: CaptureOptions) =>
  (): Promise<OctetReader> =>
    openOctets(path, signal)

async function* readFrames(
  capture: CaptureReader,
  path: string,
  openInput: () => Promise<OctetReader>,
  signal: AbortSignal,
  host: Pick<Host, 'report'>,
): AsyncGenerator<FrameBlock, void, void> {
  let input: OctetReader | undefined
  try {
    input = await openInput()
    while (!signal.aborted) {
      const octets = await input.read(capture.window.room())
      if (octets === 0 || signal.aborted) break
      capture.window.filled(octets)
      for (let frames = capture.next(); frames; frames = capture.next()) {
        yield frames
        if (signal.aborted) return
      }
      if (capture.problem) break
    }
    if (signal.aborted) return
    const problem = endProblem(capture, input)
    if (problem) host.report(withName(problem, path))
  } catch (error) {
    throw explained(error, path)
  } finally {
    await input?.close()
  }
}

/** One problem for one damage: a damaged compression says more than the record that it cuts. */
function endProblem(capture: CaptureReader, input: OctetReader): Problem | undefined {
  if (input.problem?.code === 'capture/corrupt') return input.problem
  return capture.finish() ?? input.problem
}

function withName(problem: Problem, path: string): Problem {
  return { ...problem, message: `${path === '-' ? 'standard input' : path}: ${problem.message}` }
}

function named(host: Witness, path: string): Witness {
  return { count: (name, by) => host.count(name, by), report: problem => host.report(withName(problem, path)) }
}

function explained(error: unknown, path: string): unknown {
  if (error instanceof ProblemError) return new ProblemError(withName(error.problem, path))
  const reason = systemReason(error)
  if (reason === undefined) return error
  return new ProblemError(withName({ code: 'capture/unreadable', message: `cannot be read: ${reason}` }, path))
}
