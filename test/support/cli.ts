// The commands as processes, as a user starts them.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export const REPOSITORY = join(import.meta.dirname, '..', '..')
export const RUN = join(REPOSITORY, 'bin', 'run.js')

/** The same output on every machine. */
export const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  TZ: 'UTC',
  NO_COLOR: '1',
  COLUMNS: '120',
  FORCE_COLOR: undefined,
  NODE_OPTIONS: undefined,
  NODE_TEST_CONTEXT: undefined,
}

/** `netally` as a word of bash, run by the Node that runs the tests. */
const PREAMBLE = `set -o pipefail; netally() { "$NETALLY_NODE" "$NETALLY_RUN" "$@"; }; `

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  /** Exit status, or the name of the signal that ended it. */
  readonly status: number | NodeJS.Signals | null
}

/** A process that hangs is ended, so that a failure is told instead of waited for. */
const HANG_MS = 120_000

/** Chunks of its output are text, and never parts of a character. */
function asText(child: ChildProcess): ChildProcess {
  // A second decoder would not have what the first one holds.
  for (const output of [child.stdout, child.stderr]) if (!output?.readableEncoding) output?.setEncoding('utf8')
  return child
}

/** Waits for a process; collects its output. */
export function ended(child: ChildProcess): Promise<Ended> {
  asText(child)
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', chunk => {
    stdout += chunk
  })
  child.stderr?.on('data', chunk => {
    stderr += chunk
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), HANG_MS)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ stdout, stderr, status: code ?? signal })
    })
  })
}

/** Starts `netally WORDS`. Its output comes as text. */
export function start(words: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return asText(spawn(process.execPath, [RUN, ...words], { env: ENVIRONMENT, ...options }))
}

/** Starts a line of bash in which `netally` is a command. */
export function startShell(line: string, options: SpawnOptions = {}): ChildProcess {
  const env = { ...ENVIRONMENT, ...options.env, NETALLY_NODE: process.execPath, NETALLY_RUN: RUN }
  // Where its input is a socket, as Node.js makes it, bash would read what its user has in .bashrc.
  return asText(spawn('bash', ['--norc', '-c', PREAMBLE + line], { ...options, env }))
}

/** Runs `netally WORDS` to its end. */
export function netally(words: readonly string[], input = '', options: SpawnOptions = {}): Promise<Ended> {
  return feed(start(words, options), input)
}

/** Runs a line of bash to its end. */
export function shell(line: string, input = '', options: SpawnOptions = {}): Promise<Ended> {
  return feed(startShell(line, options), input)
}

function feed(child: ChildProcess, input: string): Promise<Ended> {
  // A command may end before it has read everything.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return ended(child)
}

/** Whether a program is in PATH or where Debian keeps those of root. */
export function isInstalled(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  return folders.some(folder => existsSync(join(folder, program)))
}

/** A folder that goes away with the test. */
export function scratch(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'netally-test-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Records of NDJSON text. */
export function records(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Record<string, unknown>)
}
