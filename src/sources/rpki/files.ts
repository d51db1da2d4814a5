// RPKI data out of validators' files, read again when they change.
import { readFile, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Host } from '../../contract/host.ts'
import { isProblem, type Problem, ProblemError } from '../../contract/problem.ts'
import { type Batch, recordBatch, type Stream } from '../../contract/record.ts'
import { RpkiSet } from '../../lookup/rpki-set.ts'
import { type RpkiFile, readRpkiJson } from '../../wire/rpki/json-file.ts'
import { tellFull } from './changes.ts'
import { RpkiLog } from './log.ts'
import type { RpkiOptions } from './options.ts'
import { readings } from './readings.ts'

/** So often it is looked whether a file changed; an idle stream says so often what time it is. */
const LOOK_MS = 1000
/** A file of today's RPKI is 80 MB. */
const FILE_OCTETS = 1 << 30

interface Loaded {
  readonly set: RpkiSet
  /** When the newest file was made, Unix seconds. */
  readonly madeSeconds: number
  readonly nextExpirySeconds: number
}

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
    const loaded = await this.#load()
    if (isProblem(loaded)) throw new ProblemError(loaded)
    yield* this.#take(loaded, true)
    while (!once && !signal.aborted) {
      await pause(LOOK_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) break
      if (await this.#isDue()) {
        const again = await this.#load()
        if (isProblem(again)) this.#host.report({ ...again, hint: 'what was read before stays in force' })
        else yield* this.#take(again, false)
      }
      yield recordBatch([], Math.max(Date.now(), this.#madeSeconds * 1000))
    }
    yield* this.#log.event('log_close', {}, {})
    const batch = this.#log.flush()
    if (batch) yield batch
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

  async #load(): Promise<Loaded | Problem> {
    const set = new RpkiSet()
    let [madeSeconds, nextExpirySeconds] = [0, Number.POSITIVE_INFINITY]
    for (const path of this.#paths) {
      const text = await readText(path)
      if (isProblem(text)) return text
      const file = readRpkiJson(text.text, path, Date.now() / 1000, set)
      if (isProblem(file)) return file
      this.#tell(file as RpkiFile, path)
      const { madeSeconds: made = text.changedSeconds, nextExpirySeconds: next } = file as RpkiFile
      madeSeconds = Math.max(madeSeconds, made)
      nextExpirySeconds = Math.min(nextExpirySeconds, next)
    }
    return { set, madeSeconds, nextExpirySeconds }
  }

  #tell({ bad, firstBad, expired, full }: RpkiFile, path: string): void {
    if (expired > 0) this.#host.count('rpki-expired', expired)
    tellFull(full, this.#host)
    if (bad === 0) return
    this.#host.count('rpki-bad-entries', bad)
    const message = `"${path}": ${bad} ${bad === 1 ? 'entry is' : 'entries are'} left out; ${firstBad}`
    this.#host.report({ code: 'rpki/bad-entry', message })
  }

  *#take({ set, madeSeconds, nextExpirySeconds }: Loaded, isFirst: boolean): Generator<Batch> {
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

async function readText(path: string): Promise<{ text: string; changedSeconds: number } | Problem> {
  try {
    const { size, mtimeMs } = await stat(path)
    if (size > FILE_OCTETS) return { code: 'rpki/too-large', message: `"${path}" has more than ${FILE_OCTETS} octets` }
    return { text: await readFile(path, 'utf8'), changedSeconds: mtimeMs / 1000 }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { code: 'input/unreadable', message: `cannot read "${path}": ${reason}` }
  }
}

export function rpkiOfFiles(options: RpkiOptions, host: Host): Stream {
  return new RpkiFiles(options.files, host).stream(options.once)
}
