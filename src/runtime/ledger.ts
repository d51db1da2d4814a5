// The ledger: the counters of each run of each command, kept in files, so that stages can be reconciled afterwards.
//
// DIR/<start, Unix ms>-<command>-<pid>.ndjson: one line `{"event_type":"start",...}`, then the stats line of every
// stage each LEDGER_MS and once at the end, marked `"final":true` (docs/counters.md).
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ProblemError } from '../contract/problem.ts'
import { type StageCounters, stats } from './counters.ts'

const LEDGER_MS = 60_000

/** Starts a ledger; returns what writes the final lines. */
export function openLedger(directory: string, command: string, stages: readonly StageCounters[]): () => void {
  const startedMs = Date.now()
  const path = join(directory, `${startedMs}-${command.replaceAll(/[^a-z0-9-]/g, '_')}-${process.pid}.ndjson`)
  const append = (lines: readonly object[]) => {
    appendFileSync(path, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  }
  try {
    mkdirSync(directory, { recursive: true })
    append([{ event_type: 'start', command, pid: process.pid, time: startedMs / 1000, argv: process.argv.slice(2) }])
  } catch (error) {
    throw new ProblemError({
      code: 'ledger/unwritable',
      message: `cannot write the ledger ${path}: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'give --ledger a folder that this user may write',
    })
  }
  const timer = setInterval(() => append(stages.map(stats)), LEDGER_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    append(stages.map(stage => ({ ...stats(stage), final: true })))
  }
}
