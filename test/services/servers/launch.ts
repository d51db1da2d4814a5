// Starts a server in a folder of its own, waits until it answers, and ends it with the test.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { groupEnds, killGroup, Watchdog } from './process-group.ts'
import type { Lifetime } from './server.ts'

const POLL_MS = 100
const HEAVY_POLL_MS = 1000
/** Druid's five JVMs on two busy cores take minutes. */
const READY_MS = 300_000
const STOP_MS = 60_000
const LAST_LINES = 40

export interface Recipe {
  readonly folder: ServerFolder
  /** Program and arguments; it stays in the foreground. */
  readonly words: readonly string[]
  readonly environment?: { readonly [name: string]: string }
  /** What asks it to end; SIGTERM unless told. */
  readonly stopSignal?: NodeJS.Signals
  /** Asks the server itself for something; a rejection means not yet. */
  readonly asks: () => Promise<unknown>
  /** It takes long, and says much when it is asked too early. */
  readonly isHeavy?: boolean
}

export interface LaunchedProcess {
  readonly folder: string
  readonly pid: number
  stop(): Promise<void>
  kill(): Promise<void>
  restart(): Promise<void>
  log(): string
}

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** The user of a package, for servers that refuse to run as root; undefined when we are not root anyway. */
export function userNamed(name: string): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (what: string) => Number(execFileSync('id', [what, name], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

export interface ServerFolder {
  readonly path: string
  readonly owner: Owner | undefined
  readonly watchdog: Watchdog
  /** What runs in it; ended with the test. */
  readonly running: Set<LaunchedProcess>
}

/** A folder for one server, which goes away with the test, also when the test run is killed. */
export function serverFolder(lifetime: Lifetime, name: string, owner?: Owner): ServerFolder {
  const path = mkdtempSync(join(tmpdir(), `netally-${name}-`))
  if (owner) chownSync(path, owner.uid, owner.gid)
  const watchdog = new Watchdog(path)
  const running = new Set<LaunchedProcess>()
  lifetime.after(async () => {
    for (const one of running) await one.kill()
    await watchdog.end()
  })
  return { path, owner, watchdog, running }
}

/** What a server finds in its environment: nothing of the tests'. */
export const plainEnvironment = (home: string): { [name: string]: string } => ({
  PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`,
  HOME: home,
  LANG: 'C.UTF-8',
  TZ: 'UTC',
})

class Launched implements LaunchedProcess {
  readonly #recipe: Recipe
  #child: ChildProcess | undefined
  #ended = Promise.resolve('never started')
  #hasEnded = true

  constructor(recipe: Recipe) {
    this.#recipe = recipe
  }

  get folder(): string {
    return this.#recipe.folder.path
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get #logFile(): string {
    return join(this.folder, 'server.log')
  }

  log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : ''
  }

  async start(): Promise<void> {
    const { words, environment, folder } = this.#recipe
    const [program = '', ...args] = words
    const log = openSync(this.#logFile, 'a')
    const child = spawn(program, args, {
      cwd: folder.path,
      env: { ...plainEnvironment(folder.path), ...environment },
      stdio: ['ignore', log, log],
      detached: true,
      ...folder.owner,
    })
    closeSync(log)
    this.#child = child
    this.#hasEnded = false
    this.#ended = new Promise(resolve => {
      const over = (how: string) => {
        this.#hasEnded = true
        resolve(how)
      }
      child.on('error', error => over(String(error)))
      child.on('exit', (status, signal) => over(`ended with ${status ?? signal}`))
    })
    if (child.pid) folder.watchdog.watch(child.pid)
    await this.#ready()
  }

  async #ready(): Promise<void> {
    const program = this.#recipe.words[0]
    const end = performance.now() + READY_MS
    for (;;) {
      if (this.#hasEnded) throw new Error(`${program} ${await this.#ended}\n${this.#lastLines()}`)
      const answer = await this.#recipe.asks().then(() => undefined, String)
      if (answer === undefined) return
      if (performance.now() > end) {
        await this.kill()
        throw new Error(`${program} did not answer in ${READY_MS} ms: ${answer}\n${this.#lastLines()}`)
      }
      await pause(this.#recipe.isHeavy ? HEAVY_POLL_MS : POLL_MS)
    }
  }

  #lastLines(): string {
    return this.log().split('\n').slice(-LAST_LINES).join('\n')
  }

  async stop(): Promise<void> {
    if (!this.#hasEnded) {
      this.#child?.kill(this.#recipe.stopSignal ?? 'SIGTERM')
      const inTime = await Promise.race([this.#ended.then(() => true), pause(STOP_MS, false, { ref: false })])
      if (!inTime) throw new Error(`pid ${this.pid} did not end in ${STOP_MS} ms\n${this.#lastLines()}`)
    }
    // Helpers that it started end with it, or are ended.
    if (this.pid && !(await groupEnds(this.pid, 1000))) await killGroup(this.pid)
    this.#recipe.folder.watchdog.forget(this.pid)
  }

  async kill(): Promise<void> {
    if (!this.pid) return
    await killGroup(this.pid)
    await this.#ended
    this.#recipe.folder.watchdog.forget(this.pid)
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }
}

/** Starts a server and waits until it answers. */
export async function launch(recipe: Recipe): Promise<LaunchedProcess> {
  const launched = new Launched(recipe)
  recipe.folder.running.add(launched)
  await launched.start()
  return launched
}
