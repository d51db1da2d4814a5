// The template store of several workers: one file, dealt out at the start, put together again when one of them learned something.
import type { Host } from '../../contract/host.ts'
import {
  storeProblem,
  type TemplatePlace,
  templateFile,
  whyUnreadable,
  whyUnwritable,
} from '../../sources/template-store.ts'
import { dealTemplates, joinTemplates } from '../../wire/flow/store.ts'

export interface DealtTemplates {
  readonly name: string
  readonly parts: readonly unknown[]
  /** Exporters by the part that has them. */
  readonly dealt: ReadonlyMap<string, number>
}

export class WorkerTemplates {
  readonly #place: TemplatePlace
  readonly #host: Host
  /** By worker: the newest that it has. */
  #parts: unknown[] = []
  #writing: Promise<void> | undefined
  #changed = false

  constructor(path: string, host: Host) {
    this.#place = templateFile(path)
    this.#host = host
  }

  async deal(count: number): Promise<DealtTemplates> {
    const { parts, dealt } = dealTemplates(await this.#read(), count)
    this.#parts = parts.filter(part => part !== undefined)
    return { name: this.#place.name, parts, dealt }
  }

  async #read(): Promise<unknown> {
    try {
      return await this.#place.read()
    } catch (error) {
      this.#host.report(storeProblem(this.#place.name, 'unreadable', whyUnreadable(error)))
      return undefined
    }
  }

  /** What a worker has now; written soon. */
  keep(worker: number, templates: unknown): void {
    this.#parts[worker] = templates
    this.#changed = true
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  async #write(): Promise<void> {
    while (this.#changed) {
      this.#changed = false
      try {
        await this.#place.write(joinTemplates(this.#parts))
      } catch (error) {
        this.#host.report(storeProblem(this.#place.name, 'unwritable', whyUnwritable(error)))
      }
    }
  }

  /** Resolves when all that was kept is written. */
  async save(): Promise<void> {
    await this.#writing
  }
}
