// Programs run after a finished file: no shell, the file's name as argument, bounded in number and time.
import type { Host } from '../../contract/host.ts'

/** More than so many at a time wait for one to end. */
const TRIGGERS = 10
/** A program that runs longer is ended. */
export const TRIGGER_TIMEOUT_MS = 60_000

export interface FinishedFile {
  readonly name: string
  readonly records: number
  /** Start of the file's interval, Unix ms; 0 = the file has none. */
  readonly binMs: number
}

const environment = ({ name, records, binMs }: FinishedFile, everyMs: number) => ({
  NETALLY_FILE: name,
  NETALLY_RECORDS: String(records),
  NETALLY_BIN: String(binMs / 1000),
  NETALLY_INTERVAL: String(everyMs / 1000),
})

export class Triggers {
  readonly #program: string
  readonly #everyMs: number
  readonly #host: Host
  readonly #running = new Set<Promise<void>>()
  /** A failure that ends the command (--strict). */
  #failure: unknown

  constructor(program: string, everyMs: number, host: Host) {
    this.#program = program
    this.#everyMs = everyMs
    this.#host = host
  }

  /** Starts the program; waits only while too many run. */
  async start(file: FinishedFile): Promise<void> {
    while (this.#running.size >= TRIGGERS) await Promise.race(this.#running)
    if (this.#failure) throw this.#failure
    const run: Promise<void> = this.#run(file)
      .catch(error => {
        this.#failure = error
      })
      .finally(() => this.#running.delete(run))
    this.#running.add(run)
  }

  async #run(file: FinishedFile): Promise<void> {
    // Loaded when first needed: it takes tens of milliseconds.
    const { execa } = await import('execa')
    const result = await execa(this.#program, [file.name], {
      env: environment(file, this.#everyMs),
      stdin: 'ignore',
      // Standard output is for data.
      stdout: 2,
      stderr: 2,
      timeout: TRIGGER_TIMEOUT_MS,
      reject: false,
    })
    this.#host.count('triggers')
    if (!result.failed) return
    this.#host.count('triggers_failed')
    this.#host.report({
      note: true,
      code: 'dump/trigger-failed',
      message: `"${this.#program}" failed for "${file.name}": ${result.shortMessage}`,
    })
  }

  async end(): Promise<void> {
    await Promise.all(this.#running)
    if (this.#failure) throw this.#failure
  }
}
