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

/** Where templates are kept. */
export interface TemplatePlace {
  readonly name: string
  /** What was kept; undefined = nothing yet. Rejects with why it cannot be read. */
  read(): Promise<unknown>
  write(templates: unknown): Promise<void>
}

/** A file, replaced as a whole, so that a reader never sees half of it. */
export function templateFile(path: string): TemplatePlace {
  return {
    name: path,
    async read() {
      try {
        const { size } = await stat(path)
        if (size > STORE_OCTETS) throw new Error(`it is larger than ${STORE_OCTETS} octets`)
        return JSON.parse(await readFile(path, 'utf8')) as unknown
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined
        throw error
      }
    },
    async write(templates) {
      const temporary = `${path}.${process.pid}.tmp`
      try {
        await writeFile(temporary, `${JSON.stringify(templates)}\n`)
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
  }
}

/** What is told of a file that cannot be read or written. */
export function storeProblem(name: string, what: 'unreadable' | 'unwritable', message: string): Problem {
  const hint = what === 'unwritable' ? 'give --template-store a file that this user may write' : 'it is written anew'
  return { note: true, code: `templates/${what}`, message: `${name}: ${message}`, hint }
}

export const whyUnreadable = (error: unknown): string => `cannot be read: ${reason(error)}`
export const whyUnwritable = (error: unknown): string => `cannot be written: ${reason(error)}`

export class TemplateStore {
  readonly #place: TemplatePlace
  readonly #host: Host
  #changed = false
  #savedMs = Number.NEGATIVE_INFINITY

  constructor(place: string | TemplatePlace, host: Host) {
    this.#place = typeof place === 'string' ? templateFile(place) : place
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
      const stored = await this.#place.read()
      if (stored === undefined) return
      const taken = decoder.importTemplates(stored)
      if (isProblem(taken)) this.#report('unreadable', taken.message)
      else this.#host.count('templates-restored', taken)
    } catch (error) {
      this.#report('unreadable', whyUnreadable(error))
    } finally {
      this.#changed = false
    }
  }

  /** Writes the store when templates changed and the last time is a while ago. */
  async saveSometimes(decoder: FlowDecoder): Promise<void> {
    const nowMs = performance.now()
    if (this.#changed && nowMs - this.#savedMs >= SAVE_MS) await this.save(decoder)
  }

  /** Writes the store when templates changed. */
  async save(decoder: FlowDecoder): Promise<void> {
    if (!this.#changed) return
    this.#changed = false
    this.#savedMs = performance.now()
    try {
      await this.#place.write(decoder.exportTemplates())
    } catch (error) {
      this.#changed = true
      this.#report('unwritable', whyUnwritable(error))
    }
  }

  #report(what: 'unreadable' | 'unwritable', message: string): void {
    this.#host.report(storeProblem(this.#place.name, what, message))
  }
}
