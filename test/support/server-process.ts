// A server of a test as a process: started, ended, killed, held up and started again on the same data.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ENVIRONMENT } from './cli.ts'

/** Debian keeps daemons where the PATH of a user does not look. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`
const POLL_MS = 50
const GIVE_UP_MS = 60_000

/** Whether something answers on a port of loopback. */
export function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const end = (is: boolean) => () => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', end(true))
    socket.once('error', end(false))
  })
}

export interface ServerOptions {
  readonly words: readonly string[]
  readonly folder?: string
  readonly env?: NodeJS.ProcessEnv
  /** Whether it can be used now; asked until it is. */
  ready(): Promise<boolean>
}

export class ServerProcess {
  readonly #options: ServerOptions
  #child: ChildProcess | undefined
  #said = ''

  /** It is killed with the test, whatever state it is in. */
  constructor(context: Pick<TestContext, 'after'>, options: ServerOptions) {
    this.#options = options
    context.after(() => this.kill())
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  async start(): Promise<void> {
    const { words, folder, env, ready } = this.#options
    const [program = '', ...args] = words
    const child = spawn(program, args, {
      env: { ...ENVIRONMENT, PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, which is ended whole.
      detached: true,
      ...(folder === undefined ? {} : { cwd: folder }),
    })
    const hear = (chunk: Buffer) => {
      this.#said = (this.#said + chunk).slice(-4000)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('error', error => hear(Buffer.from(String(error))))
    this.#child = child
    for (let waitedMs = 0; waitedMs < GIVE_UP_MS; waitedMs += POLL_MS) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) break
      if (await ready().catch(() => false)) return
      await pause(POLL_MS)
    }
    throw new Error(`${program} did not start:\n${this.#said}`)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    const exit = once(child, 'exit')
    // One that is held up takes no other signal.
    process.kill(-child.pid, 'SIGCONT')
    process.kill(-child.pid, signal)
    await exit
  }

  /** Ends in order. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** Answers nobody any more, until resume(). */
  pause(): void {
    if (this.#child?.pid !== undefined) process.kill(-this.#child.pid, 'SIGSTOP')
  }

  resume(): void {
    if (this.#child?.pid !== undefined) process.kill(-this.#child.pid, 'SIGCONT')
  }
}
