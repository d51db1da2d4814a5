// The program that runs after a finished file, with the file's name as argument.
import type { Host } from '../../contract/host.ts'
import { Programs } from '../programs.ts'

export interface FinishedFile {
  readonly name: string
  readonly records: number
  /** Start of the file's interval, Unix ms; 0 = the file has none. */
  readonly binMs: number
}

export class Triggers {
  readonly #programs: Programs
  readonly #everyMs: number

  constructor(program: string, everyMs: number, host: Host) {
    this.#programs = new Programs(program, host)
    this.#everyMs = everyMs
  }

  /** Starts the program; waits only while too many run. */
  start({ name, records, binMs }: FinishedFile): Promise<void> {
    const environment = {
      NETALLY_FILE: name,
      NETALLY_RECORDS: String(records),
      NETALLY_BIN: String(binMs / 1000),
      NETALLY_INTERVAL: String(this.#everyMs / 1000),
    }
    return this.#programs.start({ subject: name, environment })
  }

  end(): Promise<void> {
    return this.#programs.end()
  }
}
