// Templates on disk, so that after a restart data is decoded from the first message on.
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import type { Host } from '../contract/host.ts'
import { isProblem, type Problem } from '../contract/problem.ts'
import type { FlowDecoder } from '../wire/flow/decoder.ts'
import { errorCode } from './listen-problem.ts'

/** More is no store of ours. */
const STORE_OCTETS = 64 * 1024 * 1024
const SAVE_MS = 10_000

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export class TemplateStore {
  readonly #path: string
  readonly #host: Host
  #changed = false
  #savedMs = Number.NEGATIVE_INFINITY

  constructor(path: string, host: Host) {
    this.#path = path
    this.#host = host
  }

  /** The host that the decoder shall have, so that the store knows when templates change. */
  decoderHost(): Host {
    const host = this.#host
    return {
      get signal() {
        return host.signal
      },
      get reloads() {
        return host.reloads
      },
      count: (name, by) => {
        if (name.startsWith('templates-')) this.#changed = true
        host.count(name, by)
      },
      report: problem => host.report(problem),
      watch: read => host.watch(read),
    }
  }

  /** Gives the decoder what is stored. No file is no problem, a bad one is reported. */
  async load(decoder: FlowDecoder): Promise<void> {
    try {
      const { size } = await stat(this.#path)
      if (size > STORE_OCTETS) return this.#report('unreadable', `is larger than ${STORE_OCTETS} octets`)
      const taken = decoder.importTemplates(JSON.parse(await readFile(this.#path, 'utf8')))
      if (isProblem(taken)) this.#report('unreadable', taken.message)
      else this.#host.count('templates-restored', taken)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.#report('unreadable', `cannot be read: ${reason(error)}`)
    } finally {
      this.#changed = false
    }
  }

  /** Writes the store when templates changed and the last time is a while ago. */
  async saveSometimes(decoder: FlowDecoder): Promise<void> {
    const nowMs = performance.now()
    if (this.#changed && nowMs - this.#savedMs >= SAVE_MS) await this.save(decoder)
  }

  /** Writes the store when templates changed: a new file, then renamed, so that a reader never sees half of it. */
  async save(decoder: FlowDecoder): Promise<void> {
    if (!this.#changed) return
    this.#changed = false
    this.#savedMs = performance.now()
    const temporary = `${this.#path}.${process.pid}.tmp`
    try {
      await writeFile(temporary, `${JSON.stringify(decoder.exportTemplates())}\n`)
      await rename(temporary, this.#path)
    } catch (error) {
      this.#changed = true
      await rm(temporary, { force: true })
      this.#report('unwritable', `cannot be written: ${reason(error)}`)
    }
  }

  #report(what: string, message: string): void {
    const hint = what === 'unwritable' ? 'give --template-store a file that this user may write' : 'it is written anew'
    const problem: Problem = { note: true, code: `templates/${what}`, message: `${this.#path}: ${message}`, hint }
    this.#host.report(problem)
  }
}
