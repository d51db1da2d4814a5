// Reporter for `node --test`: failures in full, skips with their reasons, and one last line
// `N passed, N failed, N skipped` that .ci/run adds up.
import { relative } from 'node:path'
import { inspect } from 'node:util'

interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name: string
    readonly file?: string
    readonly line?: number
    readonly skip?: string | boolean
    readonly todo?: string | boolean
    readonly message?: string
    readonly details?: {
      readonly type?: string
      readonly duration_ms?: number
      readonly error?: Error & { readonly failureType?: string }
    }
  }
}

/** Tests slower than this are named, so that the suite stays quick. */
const SLOW_MS = 10_000

const place = ({ file, line }: TestEvent['data']): string =>
  file === undefined ? '' : ` (${relative(process.cwd(), file)}${line === undefined ? '' : `:${line}`})`

/** A suite, or a test that only failed because one inside it did: what is inside is counted. */
const isGroup = ({ details }: TestEvent['data']): boolean =>
  details?.type === 'suite' || details?.error?.failureType === 'subtestsFailed'

const reasonOf = (skip: string | boolean | undefined): string => (typeof skip === 'string' && skip ? skip : 'no reason')

/** An assertion says itself what differs; of anything else the stack is wanted. */
const told = (error: unknown): string =>
  error instanceof Error && error.name === 'AssertionError' ? error.message : inspect(error)

export default async function* summaryReporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let passed = 0
  let failed = 0
  const skipped = new Map<string, string[]>()
  for await (const { type, data } of source) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message ?? ''
    const isSkipped = data.skip !== undefined && data.skip !== false
    // A suite that is skipped never tells what is in it: it counts as one.
    if (type === 'test:pass' && isSkipped) {
      const reason = reasonOf(data.skip)
      skipped.set(reason, [...(skipped.get(reason) ?? []), data.name])
    } else if (type === 'test:pass' && !isGroup(data)) {
      passed++
      const durationMs = data.details?.duration_ms ?? 0
      if (durationMs > SLOW_MS) yield `slow: ${data.name}${place(data)} took ${(durationMs / 1000).toFixed(1)} s\n`
    }
    if (type === 'test:fail' && !isGroup(data)) {
      failed++
      const { error } = data.details ?? {}
      yield `FAILED ${data.name}${place(data)}\n${told(error?.cause ?? error)}\n\n`
    }
  }
  for (const [reason, names] of skipped) yield `skipped (${reason}): ${names.join('; ')}\n`
  const skips = [...skipped.values()].reduce((sum, names) => sum + names.length, 0)
  yield `${passed} passed, ${failed} failed, ${skips} skipped\n`
}
