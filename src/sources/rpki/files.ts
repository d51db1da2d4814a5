// RPKI data out of validators' files, read again when they change.
import { stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Host } from '../../contract/host.ts'
import { isProblem, ProblemError } from '../../contract/problem.ts'
import { type Batch, recordBatch, type Stream } from '../../contract/record.ts'
import { RpkiSet } from '../../lookup/rpki-set.ts'
import { type LoadedFiles, loadRpkiFiles } from './load-files.ts'
import { RpkiLog } from './log.ts'
import type { RpkiOptions } from './options.ts'
import { readings } from './readings.ts'

/** So often it is looked whether a file changed; an idle stream says so often what time it is. */
const LOOK_MS = 1000
export class RpkiFiles {
  readonly #paths: readonly string[]
  readonly #host: Host
  readonly #log = new RpkiLog()
  #set = new RpkiSet()
  #signature = ''
  #reloads: number
  #nextExpirySeconds = Number.POSITIVE_INFINITY
  #madeSeconds = 0

  constructor(paths: readonly string[], host: Host) {
    this.#paths = paths
    this.#host = host
    this.#reloads = host.reloads
  }

  async *stream(once: boolean): Stream {
    const { signal } = this.#host
    this.#host.watch(() => readings(this.#set))
    this.#signature = await this.#look()
    const loaded = await loadRpkiFiles(this.#paths, this.#host)
    if (isProblem(loaded)) throw new ProblemError(loaded)
    yield* this.#take(loaded as LoadedFiles, true)
    if (!once) yield this.#heartbeat()
    while (!once && !signal.aborted) {
      await pause(LOOK_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) break
      if (await this.#isDue()) {
        const again = await loadRpkiFiles(this.#paths, this.#host)
        if (isProblem(again)) this.#host.report({ ...again, hint: 'what was read before stays in force' })
        else yield* this.#take(again as LoadedFiles, false)
      }
      yield this.#heartbeat()
    }
    yield* this.#log.event('log_close', {}, {})
    const batch = this.#log.flush()
    if (batch) yield batch
  }

  #heartbeat(): Batch {
    return recordBatch([], Math.max(Date.now(), this.#madeSeconds * 1000))
  }

  async #isDue(): Promise<boolean> {
    const signature = await this.#look()
    const isDue =
      signature !== this.#signature ||
      this.#reloads !== this.#host.reloads ||
      Date.now() / 1000 >= this.#nextExpirySeconds
    this.#signature = signature
    this.#reloads = this.#host.reloads
    return isDue
  }

  /** Another text when one of the files is another; validators write a new file and rename it. */
  async #look(): Promise<string> {
    const stats = await Promise.all(this.#paths.map(path => stat(path).catch(() => undefined)))
    return stats.map(found => (found ? `${found.ino} ${found.size} ${found.mtimeMs}` : 'none')).join()
  }

  *#take({ set, madeSeconds, nextExpirySeconds }: LoadedFiles, isFirst: boolean): Generator<Batch> {
    const log = this.#log
    // A file may say that it is older than the one before; the clock of the stream does not go back.
    this.#madeSeconds = Math.max(this.#madeSeconds, madeSeconds)
    log.setTime(Math.round(this.#madeSeconds * 1e6))
    if (isFirst) yield* log.event('log_init', {}, {})
    for (const change of set.changesSince(this.#set)) yield* log.change(change, {})
    this.#set = set
    this.#nextExpirySeconds = nextExpirySeconds
    yield* log.log('end-of-data', {}, { entries: set.size })
    const batch = log.flush()
    if (batch) yield batch
  }
}

export function rpkiOfFiles(options: RpkiOptions, host: Host): Stream {
  return new RpkiFiles(options.files, host).stream(options.once)
}
