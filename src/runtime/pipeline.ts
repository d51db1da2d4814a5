// Stages put together: one component between standard input and output, or many fused in one process. Same code.
import { ALL_FIELDS, type Needs, type Operator, type Sink, type Source } from '../contract/component.ts'
import type { Stream } from '../contract/record.ts'
import { readLines } from '../fields/line-reader.ts'
import { standardInput } from '../stream/input.ts'
import { standardOutput } from '../stream/output.ts'
import { thrownBy } from './failures.ts'
import type { StageHost } from './host.ts'
import { type PresentationOptions, presentation } from './presentation.ts'
import type { OperatorInWorkers, SourceInWorkers } from './workers/in-workers.ts'
import type { StageOrigin } from './workers/messages.ts'
import { writeStream } from './write-stream.ts'

/** A component with its options bound: what a line of stages is made of. */
export type Stage = {
  readonly host: StageHost
  readonly origin: StageOrigin
  readonly presentation: PresentationOptions
  /** What people see instead of NDJSON where standard output is a terminal. */
  readonly terminal?: ((stream: Stream) => AsyncIterable<string>) | undefined
  /** What is written instead of NDJSON wherever standard output goes. */
  readonly text?: ((stream: Stream) => AsyncIterable<string>) | undefined
} & (
  | {
      readonly kind: 'source'
      readonly component: Source<unknown>
      readonly options: unknown
      readonly inWorkers: SourceInWorkers | undefined
    }
  | {
      readonly kind: 'operator'
      readonly component: Operator<unknown>
      readonly options: unknown
      readonly inWorkers: OperatorInWorkers
    }
  | { readonly kind: 'sink'; readonly component: Sink<unknown>; readonly options: unknown }
)

/** Counts what passes, and sees whose failure it is; the only thing that stands between two fused stages. */
export async function* counted(stream: Stream, host: StageHost, ...names: readonly string[]): Stream {
  try {
    for await (const batch of stream) {
      if (batch.count > 0) for (const name of names) host.count(name, batch.count)
      yield batch
    }
  } catch (error) {
    thrownBy(error, host.command)
    throw error
  }
}

/** What a stage must be given so that it can give what is wanted of it. */
export function needsOf(stage: Stage, wanted: Needs): Needs {
  if (stage.kind === 'sink') return stage.component.needs?.(stage.options) ?? ALL_FIELDS
  if (stage.kind === 'operator') return stage.component.needs?.(stage.options, wanted) ?? ALL_FIELDS
  return wanted
}

/** Output of a source or operator. `counts` false: its writer counts `out` itself, when the octets are gone. */
export function open(stage: Stage, input: Stream | undefined, wanted: Needs, countsOut: boolean): Stream {
  const { host } = stage
  if (stage.kind === 'source') {
    const opened = stage.component.open(stage.options, host, wanted)
    return countsOut ? counted(opened, host, 'created', 'out') : counted(opened, host, 'created')
  }
  if (stage.kind === 'sink') throw new Error('a sink has no output')
  const given = counted(input as Stream, host, 'in')
  const applied = stage.component.apply(given, stage.options, host, wanted)
  return countsOut ? counted(applied, host, 'out') : applied
}

/** Standard input as the stream that a stage reads. */
export function standardStream(host: StageHost, heartbeat: boolean): Stream {
  return readLines(standardInput(), host, { heartbeat, name: 'standard input', strict: host.isStrict })
}

/** Writes what a stage gives to standard output, in the form its flags ask for. */
export async function toStandardOutput(stage: Stage, stream: Stream): Promise<void> {
  if (stage.text) {
    const output = standardOutput()
    const encoder = new TextEncoder()
    for await (const text of stage.text(counted(stream, stage.host, 'out'))) await output.write(encoder.encode(text))
  } else if (stage.terminal && process.stdout.isTTY) {
    for await (const text of stage.terminal(counted(stream, stage.host, 'out'))) process.stdout.write(text)
  } else await writeStream(presentation(stream, stage.presentation), standardOutput(), stage.host)
}

/** Runs one component as a process of a pipe; `root` is the package's folder. */
export async function runStage(stage: Stage, heartbeat: boolean, root: string): Promise<void> {
  if (stage.kind === 'source' && stage.inWorkers) {
    const { planWorkers } = await import('./workers/plan.ts')
    await planWorkers([stage], () => ALL_FIELDS, false, root)?.write()
    return
  }
  const wanted = stage.presentation.fields ? { fields: stage.presentation.fields, rest: false } : ALL_FIELDS
  const input = stage.kind === 'source' ? undefined : standardStream(stage.host, heartbeat)
  if (stage.kind === 'sink') await drain(stage, input as Stream)
  else await toStandardOutput(stage, open(stage, input, wanted, false))
}

/** Lets a sink take a stream to its end. Sinks count `out` themselves, when the backend has the records. */
export async function drain(stage: Stage, input: Stream): Promise<void> {
  if (stage.kind !== 'sink') throw new Error('only a sink drains')
  await stage.component.drain(counted(input, stage.host, 'in'), stage.options, stage.host)
}
