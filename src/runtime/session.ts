// One run of a command: signals, counters, ledger, metrics around the work; and its exit status.
import { lossSentence, stats } from './counters.ts'
import { Failures } from './failures.ts'
import { FollowedFiles } from './follow-files.ts'
import { type Process, StageHost } from './host.ts'
import { openLedger } from './ledger.ts'
import { serveMetrics } from './metrics.ts'
import { problemLog } from './problem-log.ts'
import { handleSignals } from './signals.ts'

/** Flags that every running command has. */
export interface SessionOptions {
  readonly stats?: boolean | undefined
  readonly strict?: boolean | undefined
  readonly ledger?: string | undefined
  readonly metrics?: string | undefined
}

/** Says on stderr that a part of the work failed. The rest goes on, but under --strict. */
export type TellFailure = (error: unknown) => void

/** Runs `work` with a host factory; resolves to the exit status. */
export async function session(
  command: string,
  options: SessionOptions,
  work: (makeHost: (stage: string) => StageHost, tell: TellFailure) => Promise<void>,
): Promise<number> {
  const stop = new AbortController()
  const write = (text: string) => process.stderr.write(text)
  const log = problemLog(write, () => performance.now())
  const failures = new Failures(command, write)
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
  let closeLedger: (() => void) | undefined
  try {
    if (options.ledger) closeLedger = openLedger(options.ledger, command, hosts)
    const server = options.metrics ? await serveMetrics(options.metrics, hosts) : undefined
    const tell: TellFailure = error => {
      if (failures.tell(error) && shared.strict) stop.abort()
    }
    await work(makeHost, tell).finally(() => server?.close())
  } catch (error) {
    failures.tell(error)
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
  return failures.status
}
