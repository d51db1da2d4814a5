// Line batches of an octet input: what a stage of a pipe reads.
import type { Host } from '../contract/host.ts'
import type { Problem } from '../contract/problem.ts'
import type { Batch, Stream } from '../contract/record.ts'
import { recordBatch } from '../contract/record.ts'
import type { OctetInput } from '../stream/input.ts'
import { LONGEST_LINE_OCTETS, lineBlocks } from '../stream/lines.ts'
import { EVERY_ROW, LineBatch, type LineContext } from './batch.ts'
import { CLOCK_FIELDS } from './clock.ts'
import type { NumberColumn } from './column.ts'
import { picker } from './picker.ts'

export interface LineReaderOptions {
  /** A silent live input moves the clock (off with --replay). */
  readonly heartbeat: boolean
  /** Name of the input in messages. */
  readonly name: string
  /** The first bad line ends the stream: what comes before it is still given. */
  readonly strict?: boolean
}

interface BadLine {
  readonly problem: Problem
  readonly lineNumber: number
}

/** Newest receive time of a batch, Unix ms; 0 when its records do not say. */
export function newestReader(): (batch: Batch) => number {
  const pick = picker(CLOCK_FIELDS)
  return batch => {
    const { columns, rows, count } = pick(batch)
    const [arrival, updated, timestamp] = columns.map(column => (column as NumberColumn).numbers) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    let newestUs = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      let us = arrival[row] as number
      if (!Number.isFinite(us)) us = updated[row] as number
      if (!Number.isFinite(us)) us = timestamp[row] as number
      if (us > newestUs && Number.isFinite(us)) newestUs = us
    }
    return Math.floor(newestUs / 1000)
  }
}

/** A stream of the input's lines. Lines that are no records are reported with their number and counted as dropped. */
export async function* readLines(input: OctetInput, host: Host, options: LineReaderOptions): Stream {
  const bad = (code: string, message: string, lineNumber: number) => {
    host.count('dropped/bad-line')
    host.report({
      code,
      message: `${options.name} line ${lineNumber}: ${message}`,
      hint: 'the line was left out; --strict ends at the first',
    })
  }
  let firstBad: BadLine | undefined
  let isLooking = false
  const context: LineContext = {
    clock: { nowMs: 0 },
    onBadLine: (problem, lineNumber) => {
      if (isLooking) firstBad ??= { problem, lineNumber }
      else bad(problem.code, problem.message, lineNumber)
    },
    newestMs: newestReader(),
  }
  /** The batch up to its first bad line. Telling its time reads all of its lines. */
  const upToBad = (batch: LineBatch): LineBatch => {
    isLooking = true
    void batch.now
    isLooking = false
    if (!firstBad) return batch
    const count = batch.numbers.indexOf(firstBad.lineNumber)
    return batch.subset(EVERY_ROW, count)
  }
  const onOverlong = (lineNumber: number) => {
    host.count('in')
    bad('ndjson/overlong-line', `longer than ${LONGEST_LINE_OCTETS} octets`, lineNumber)
  }
  for await (const block of lineBlocks(input, host.signal, { heartbeat: options.heartbeat, onOverlong })) {
    if (block.count > 0) {
      const batch = new LineBatch(block.octets, block.starts, block.ends, block.numbers, block.count, context)
      const given = options.strict === true ? upToBad(batch) : batch
      if (given.count > 0) yield given
      if (!firstBad) continue
      host.count('in')
      bad(firstBad.problem.code, firstBad.problem.message, firstBad.lineNumber)
    } else if (context.clock.nowMs > 0) {
      context.clock.nowMs += block.silentMs
      yield recordBatch([], context.clock.nowMs)
    }
  }
}
