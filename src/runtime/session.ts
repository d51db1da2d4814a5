// One run of a command: signals, counters, ledger, metrics around the work; and its exit status.
import { isProblem, type Problem, ProblemError } from '../contract/problem.ts'
import { ReaderLeft } from '../stream/output.ts'
import { lossSentence, stats } from './counters.ts'
import { FollowedFiles } from './follow-files.ts'
import { type Process, StageHost } from './host.ts'
import { openLedger } from './ledger.ts'
import { serveMetrics } from './metrics.ts'
import { type ProblemLog, problemLog } from './problem-log.ts'
import { handleSignals } from './signals.ts'

/** Flags that every running command has. */
export interface SessionOptions {
  readonly stats?: boolean | undefined
  readonly strict?: boolean | undefined
  readonly ledger?: string | undefined
  readonly metrics?: string | undefined
}

const DONE = 0
const FAILED = 1
const WRONG_USAGE = 2
const BUG = 70

const isBrokenPipe = (error: unknown): boolean =>
  error instanceof ReaderLeft || (error instanceof Error && 'code' in error && error.code === 'EPIPE')

function exitStatus(problem: Problem): number {
  return /^(usage|filter)\/|\/syntax$/.test(problem.code) ? WRONG_USAGE : FAILED
}

/** Says on stderr why a command ended early; the exit status. */
function explainEnd(command: string, error: unknown, log: ProblemLog): number {
  if (isBrokenPipe(error)) return DONE
  if (error instanceof ProblemError || isProblem(error)) {
    const problem = error instanceof ProblemError ? error.problem : error
    log.report(command, problem)
    return exitStatus(problem)
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`netally ${command}: this is a bug in netally, please report it\n${stack}\n`)
  return BUG
}

/** Runs `work` with a host factory; resolves to the exit status. */
export async function session(
  command: string,
  options: SessionOptions,
  work: (makeHost: (stage: string) => StageHost) => Promise<void>,
): Promise<number> {
  const stop = new AbortController()
  const log = problemLog(
    text => process.stderr.write(text),
    () => performance.now(),
  )
  const files = new FollowedFiles()
  const shared: Process = {
    signal: stop.signal,
    log,
    reloads: 0,
    files,
    sides: new Map(),
    strict: options.strict ?? false,
  }
  const hosts: StageHost[] = []
  const makeHost = (stage: string) => {
    const host = new StageHost(stage, shared)
    hosts.push(host)
    return host
  }
  const printStats = (of: readonly StageHost[]) =>
    process.stderr.write(of.map(host => `${JSON.stringify(stats(host))}\n`).join(''))
  const removeHandlers = handleSignals(shared, stop, () => printStats(hosts))
  let status = DONE
  let closeLedger: (() => void) | undefined
  try {
    if (options.ledger) closeLedger = openLedger(options.ledger, command, hosts)
    const server = options.metrics ? await serveMetrics(options.metrics, hosts) : undefined
    await work(makeHost).finally(() => server?.close())
  } catch (error) {
    status = explainEnd(command, error, log)
  } finally {
    removeHandlers()
    files.close()
    closeLedger?.()
    log.close()
  }
  for (const host of hosts) {
    const sentence = lossSentence(host)
    if (sentence) process.stderr.write(`netally ${sentence}\n`)
  }
  printStats(options.stats ? hosts : hosts.filter(({ printsStats }) => printsStats))
  return status
}
