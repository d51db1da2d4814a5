// The files that are being written: found by name, finished when their interval is over, few of them open at a time.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import type { Host } from '../../contract/host.ts'
import { ProblemError } from '../../contract/problem.ts'
import type { Value } from '../../contract/record.ts'
import { type OctetOutput, standardOutput } from '../../stream/output.ts'
import type { NamePattern } from '../name-pattern.ts'
import { writeFailed } from './failure.ts'
import { FifoTarget, isFifo } from './fifo.ts'
import type { MakeFormat } from './format.ts'
import { pointTo } from './latest.ts'
import type { DumpOptions } from './options.ts'
import { Output } from './output.ts'
import { giveTo, makeFolderOf, type Owner } from './owner.ts'
import { FileTarget, type Target } from './target.ts'
import type { Triggers } from './trigger.ts'

/** File descriptors held at a time. */
export const OPEN_FILES = 128
/** Files in progress: records of more names are dropped and counted. */
export const FILES = 10_000
/** Names finished in this run that are remembered, so that late records are added to them. */
const FINISHED_NAMES = 10_000
/** A buffer is written when it has so much: little, when there are many. */
const FULL_OCTETS = 1 << 17
const FULL_OCTETS_OF_MANY = 1 << 13
const MANY = 32

export const STANDARD_OUTPUT = '-'

class StandardTarget implements Target {
  readonly fresh = true
  readonly #output: OctetOutput

  constructor(output: OctetOutput) {
    this.#output = output
  }
  write(octets: Uint8Array): Promise<void> {
    return this.#output.write(octets)
  }
  suspend(): void {}
  finish(): void {}
}

export interface OutputsOptions {
  readonly dump: DumpOptions
  readonly pattern: NamePattern
  readonly latest: NamePattern | undefined
  readonly makeFormat: MakeFormat
  readonly triggers: Triggers | undefined
}

export class Outputs {
  readonly #options: OutputsOptions
  readonly #host: Host
  /** In order of last use, the newest last. */
  readonly #outputs = new Map<string, { output: Output; values: readonly (Value | undefined)[] }>()
  readonly #finished = new Map<string, number>()
  readonly #open = new Set<Output>()
  #standard: OctetOutput | undefined

  constructor(options: OutputsOptions, host: Host) {
    this.#options = options
    this.#host = host
  }

  get all(): Output[] {
    return [...this.#outputs.values()].map(({ output }) => output)
  }

  get fullOctets(): number {
    return this.#outputs.size > MANY ? FULL_OCTETS_OF_MANY : FULL_OCTETS
  }

  /** The output for a bin and the values of a name; undefined when there are too many. */
  get(binMs: number, values: readonly (Value | undefined)[], nowMs: number): Output | undefined {
    const name = this.#options.pattern.render(binMs, values)
    const known = this.#outputs.get(name)
    if (known) {
      this.#touch(known.output)
      return known.output
    }
    if (this.#outputs.size >= FILES) {
      this.#tooMany(name)
      return undefined
    }
    const output = this.#make(name, binMs, nowMs)
    this.#outputs.set(name, { output, values })
    this.#touch(output)
    return output
  }

  #make(name: string, binMs: number, nowMs: number): Output {
    const { dump, makeFormat } = this.#options
    const target = this.#target(name, binMs)
    const format = makeFormat({ fileName: name, fresh: target.fresh, firstLines: target.firstLines })
    const writerId = dump.markers ? dump.writerId : undefined
    return new Output({ name, binMs, target, format, writerId, openedMs: nowMs }, this.#host)
  }

  #target(name: string, binMs: number): Target {
    const { dump } = this.#options
    if (name === STANDARD_OUTPUT) {
      this.#standard ??= standardOutput()
      return new StandardTarget(this.#standard)
    }
    if (dump.fifo && !existsSync(name)) makeFifo(name, dump.owner)
    if (isFifo(name)) return new FifoTarget(name, this.#host)
    const special = existsSync(name) && !statSync(name).isFile() && !statSync(name).isDirectory()
    // The next dump of a table takes the place of the last.
    const late = !dump.table && this.#finished.get(name) === binMs
    if (late) this.#host.count('files_reopened')
    if (dump.append || special || late) return new FileTarget(name, 'append', dump.owner)
    return new FileTarget(name, dump.inPlace ? 'in-place' : 'replace', dump.owner)
  }

  /** Marks as used now; the one that was not used longest gives its file descriptor back. */
  #touch(output: Output): void {
    this.#open.delete(output)
    this.#open.add(output)
    if (this.#open.size <= OPEN_FILES) return
    for (const oldest of this.#open) {
      oldest.suspend()
      this.#open.delete(oldest)
      break
    }
  }

  #tooMany(name: string): void {
    this.#host.report({
      note: true,
      code: 'dump/too-many-files',
      message: `"${name}" would be one more than ${FILES} files at a time; its records are dropped`,
      hint: 'use fewer variables in the name',
    })
  }

  /** Finishes what a bin that has begun replaces: all files whose name at that bin would be another, or whose interval it ends. */
  async advance(binMs: number, nowMs: number): Promise<void> {
    const { pattern, dump } = this.#options
    for (const { output, values } of [...this.#outputs.values()]) {
      if (output.binMs >= binMs) continue
      const sameFile = pattern.stepMs > 0 || dump.everyMs === 0
      const keeps = sameFile && output.name !== STANDARD_OUTPUT && pattern.render(binMs, values) === output.name
      if (!keeps) await this.finish(output, nowMs)
    }
  }

  async finish(output: Output, nowMs: number): Promise<void> {
    await output.finish(nowMs)
    const values = this.#outputs.get(output.name)?.values ?? []
    this.#outputs.delete(output.name)
    this.#open.delete(output)
    if (output.name === STANDARD_OUTPUT) return
    this.#finished.set(output.name, output.binMs)
    if (this.#finished.size > FINISHED_NAMES) this.#finished.delete(this.#finished.keys().next().value as string)
    this.#host.count('files')
    if (isFifo(output.name)) return
    const { dump, latest, triggers } = this.#options
    if (latest) pointTo(latest.render(output.binMs, values), output.name, dump.owner, this.#host)
    await triggers?.start({ name: output.name, records: output.records, binMs: output.binMs })
  }

  async finishAll(nowMs: number): Promise<void> {
    for (const output of this.all) await this.finish(output, nowMs)
  }

  /** SIGHUP: whoever moved the files away gets new ones. */
  async reopen(nowMs: number): Promise<void> {
    const files = this.all.filter(({ name }) => name !== STANDARD_OUTPUT && !isFifo(name))
    for (const output of files) await this.finish(output, nowMs)
  }

  async flush(): Promise<void> {
    for (const { output } of this.#outputs.values()) await output.flush()
  }
}

function makeFifo(path: string, owner: Owner | undefined): void {
  try {
    makeFolderOf(path, owner)
    execFileSync('mkfifo', [path], { stdio: 'ignore' })
    giveTo(path, owner)
  } catch (error) {
    throw error instanceof ProblemError ? error : writeFailed(path, error)
  }
}
