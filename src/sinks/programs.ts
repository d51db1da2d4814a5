// Programs of --trigger: no shell, bounded in number and time.
import type { Host } from '../contract/host.ts'

/** More than so many at a time wait for one to end. */
const PROGRAMS = 10
/** A program that runs longer is ended. */
const PROGRAM_TIMEOUT_MS = 60_000

export interface ProgramRun {
  /** What the program runs for; its only argument. */
  readonly subject: string
  /** Beside the command's own environment. */
  readonly environment: { readonly [name: string]: string }
}

export class Programs {
  readonly #program: string
  readonly #host: Host
  readonly #running = new Set<Promise<void>>()
  /** A failure that ends the command (--strict). */
  #failure: unknown

  constructor(program: string, host: Host) {
    this.#program = program
    this.#host = host
  }

  /** Starts the program; waits only while too many run. */
  async start(what: ProgramRun): Promise<void> {
    while (this.#running.size >= PROGRAMS) await Promise.race(this.#running)
    if (this.#failure) throw this.#failure
    const run: Promise<void> = this.#run(what)
      .catch(error => {
        this.#failure = error
      })
      .finally(() => this.#running.delete(run))
    this.#running.add(run)
  }

  async #run({ subject, environment }: ProgramRun): Promise<void> {
    // Loaded when first needed: it takes tens of milliseconds.
    const { execa } = await import('execa')
    const result = await execa(this.#program, [subject], {
      env: environment,
      stdin: 'ignore',
      // Standard output is for data.
      stdout: 2,
      stderr: 2,
      timeout: PROGRAM_TIMEOUT_MS,
      reject: false,
    })
    this.#host.count('triggers')
    if (!result.failed) return
    this.#host.count('triggers_failed')
    this.#host.report({
      note: true,
      code: 'trigger/failed',
      message: `"${this.#program}" failed for "${subject}": ${result.shortMessage}`,
    })
  }

  async end(): Promise<void> {
    await Promise.all(this.#running)
    if (this.#failure) throw this.#failure
  }
}
