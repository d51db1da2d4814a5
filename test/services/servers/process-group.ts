// A server and all that it starts is one process group: it is waited for and ended as a whole.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 20
/** The kernel ends what got SIGKILL at once, unless the disk hangs. */
const GONE_MS = 20_000

/** State and process group of a process, from /proc/PID/stat: the name before them may contain anything. */
function stateOf(pid: string): { state: string; group: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state = '', , group] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state, group: Number(group) }
  } catch {
    return undefined
  }
}

const DEAD = new Set(['Z', 'X'])

/** Whether something of the group lives: what only waits to be reaped does not. */
export function groupLives(group: number): boolean {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(stateOf)
    .some(process => process?.group === group && !DEAD.has(process.state))
}

export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch {
    // All of it has ended.
  }
}

/** Waits until nothing of a group lives; false when the time is up before. */
export async function groupEnds(group: number, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs
  while (groupLives(group)) {
    if (performance.now() > end) return false
    await pause(POLL_MS)
  }
  return true
}

export async function killGroup(group: number): Promise<void> {
  signalGroup(group, 'SIGKILL')
  if (!(await groupEnds(group, GONE_MS))) throw new Error(`process group ${group} lives on after SIGKILL`)
}

/**
 * Reads process groups, all on one line; when the writer is gone, for whatever reason, it ends the last ones named and
 * removes the folder.
 */
const WATCH = `groups=
while read -r line; do groups=$line; done
for group in $groups; do kill -s KILL -- "-$group"; done
[ -z "$groups" ] || sleep 0.3
rm -rf -- "$1"`

/** A shell that outlives this process by a moment, so that a test run that was killed leaves no server behind. */
export class Watchdog {
  readonly #child: ChildProcess
  readonly #groups = new Set<number>()

  constructor(folder: string) {
    // Detached: Ctrl-C on the test run must not end it before its work.
    this.#child = spawn('sh', ['-c', WATCH, 'watchdog', folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    this.#child.unref()
    const pipe = this.#child.stdin as unknown as { unref(): void }
    pipe.unref()
  }

  watch(group: number): void {
    this.#groups.add(group)
    this.#tell()
  }

  forget(group: number): void {
    this.#groups.delete(group)
    this.#tell()
  }

  #tell(): void {
    this.#child.stdin?.write(`${[...this.#groups].join(' ')}\n`)
  }

  /** It removes the folder and ends. */
  async end(): Promise<void> {
    const gone = new Promise(resolve => this.#child.once('close', resolve))
    this.#child.ref()
    this.#child.stdin?.end()
    await gone
  }
}
