// What a spool holds when a command starts: every entry is read once, a tail that was cut off goes, damage is told.
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../../../contract/host.ts'
import { ProblemError } from '../../../contract/problem.ts'
import { errorText } from '../failure.ts'
import type { Damage } from './entry.ts'
import { lockFolder } from './lock.ts'
import type { SpoolOptions } from './options.ts'
import { type Position, PositionFile } from './position.ts'
import { type Segment, SegmentFiles } from './segments.ts'
import { readSpoolFile } from './spool-file.ts'

export interface Recovered {
  readonly id: string
  readonly files: SegmentFiles
  readonly position: PositionFile
  /** Segments that are not delivered whole, oldest first; none is written any more. */
  readonly segments: Segment[]
  /** The next segment's number. */
  readonly next: number
  /** Where reading starts. */
  readonly cursor: Position
  /** Gives the folder back. */
  readonly release: () => void
}

function makeId(folder: string): string {
  const id = randomBytes(4).toString('hex')
  const path = join(folder, 'spool.json')
  const fd = openSync(`${path}.new`, 'w')
  writeSync(fd, `${JSON.stringify({ spool: 1, id })}\n`)
  fsyncSync(fd)
  closeSync(fd)
  renameSync(`${path}.new`, path)
  return id
}

function tell(host: Host, folder: string, number: number, damages: readonly Damage[]): void {
  for (const { octets, records } of damages) {
    host.count('lost/spool-damage', Math.max(1, records))
    host.report({
      code: 'spool/damaged',
      message: `${folder}: ${octets} octets of segment ${number} are damaged and left out, with ${records || 'an unknown number of'} records`,
      hint: 'look at the disk: what was written is not what is there',
      note: true,
    })
  }
}

function recoverSegment(
  files: SegmentFiles,
  number: number,
  from: number,
  isLast: boolean,
  host: Host,
  folder: string,
): Segment {
  const { entries, damages, end, octets } = files.scan(number, from)
  const records = entries.reduce((sum, { count }) => sum + count, 0)
  if (end >= octets) {
    tell(host, folder, number, damages)
    return { number, octets, records }
  }
  if (isLast) {
    host.count('spool_cut_octets', octets - end)
    files.truncate(number, end)
    tell(host, folder, number, damages)
    return { number, octets: end, records }
  }
  tell(host, folder, number, [...damages, { offset: end, octets: octets - end, records: 0 }])
  return { number, octets, records }
}

function read({ folder }: SpoolOptions, host: Host, release: () => void): Recovered {
  const id = readSpoolFile(folder) ?? makeId(folder)
  const files = new SegmentFiles(folder)
  const position = new PositionFile(join(folder, 'position'))
  const done = position.position
  const segments: Segment[] = []
  const numbers = files.numbers()
  for (const number of numbers) {
    const segment = recoverSegment(
      files,
      number,
      number === done.segment ? done.offset : 0,
      number === numbers.at(-1),
      host,
      folder,
    )
    if (number < done.segment || segment.records === 0) files.delete(number)
    else segments.push(segment)
  }
  const first = segments[0]
  const next = Math.max(numbers.at(-1) ?? 0, done.segment) + 1
  const cursor = first === undefined || first.number === done.segment ? done : { segment: first.number, offset: 0 }
  return { id, files, position, segments, next, cursor, release }
}

/** Opens the folder, which is made if it is not there; a ProblemError when it cannot be used. */
export async function recover(options: SpoolOptions, host: Host): Promise<Recovered> {
  let release: (() => void) | undefined
  try {
    mkdirSync(options.folder, { recursive: true })
    release = await lockFolder(options.folder)
    return read(options, host, release)
  } catch (error) {
    release?.()
    if (error instanceof ProblemError) throw error
    throw new ProblemError({
      code: 'spool/unusable',
      message: `the spool ${options.folder} cannot be used: ${errorText(error)}`,
      hint: 'give --spool a folder that this user may write, on a disk with room',
    })
  }
}
