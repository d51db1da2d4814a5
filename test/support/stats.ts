// Counters of a running process, as it prints them on SIGUSR1.
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { readdirSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { scratch, start } from './cli.ts'

export interface Stats {
  readonly command: string
  readonly in: number
  readonly created: number
  readonly out: number
  readonly merged: number
  readonly held: number
  readonly dropped: { readonly [reason: string]: number }
  readonly balance: number
  readonly counters: { readonly [name: string]: number }
  readonly readings: readonly { readonly name: string; readonly value: number }[]
}

/** The stats lines in what a process said on stderr. */
export function statsLines(stderr: string): Stats[] {
  return stderr
    .split('\n')
    .filter(line => line.startsWith('{"event_type":"stats"'))
    .map(line => JSON.parse(line) as Stats)
}

const POLL_MS = 100
/** Something that does not come in this time will not come. */
const GIVE_UP_MS = 60_000

/** Asks until something holds; rejects when it never does. */
export async function until<Result>(
  look: () => Result | undefined | false | Promise<Result | undefined | false>,
): Promise<Result> {
  for (let waitedMs = 0; waitedMs < GIVE_UP_MS; waitedMs += POLL_MS) {
    const found = await look()
    if (found) return found
    await pause(POLL_MS)
  }
  throw new Error(`never came: ${look}`)
}

export interface Counting {
  readonly child: ChildProcess
  /** What it said on stderr so far. */
  readonly said: () => string
}

/**
 * Starts `netally WORDS` and waits until it listens to signals: the ledger is opened after that. Before, SIGUSR1 would
 * start Node's debugger.
 */
export async function startCounting(
  context: TestContext,
  words: readonly string[],
  options: SpawnOptions = {},
): Promise<Counting> {
  const ledger = scratch(context)
  const child = start([...words, '--ledger', ledger], options)
  let text = ''
  child.stderr?.on('data', chunk => {
    text += chunk
  })
  await until(() => readdirSync(ledger).length > 0)
  return { child, said: () => text }
}

/** Asks a process for its counters until they are as wanted; each answer is looked at once. */
export function statsOf({ child, said }: Counting, wanted: (stats: Stats) => boolean): Promise<Stats> {
  let seen = -1
  return until(() => {
    const lines = statsLines(said())
    const last = lines.at(-1)
    if (lines.length === seen) return undefined
    if (seen >= 0 && last && wanted(last)) return last
    seen = lines.length
    child.kill('SIGUSR1')
    return undefined
  })
}

/** Waits until a process makes no more records, because nobody takes them. */
export function stalled(counting: Counting): Promise<Stats> {
  let before = -1
  return statsOf(counting, ({ created }) => {
    const still = created > 0 && created === before
    before = created
    return still
  })
}
