// Validators' files, read whole.
import { readFile, stat } from 'node:fs/promises'
import type { Host } from '../../contract/host.ts'
import { isProblem, type Problem } from '../../contract/problem.ts'
import { RpkiSet } from '../../lookup/rpki-set.ts'
import { type RpkiFile, readRpkiJson } from '../../wire/rpki/json-file.ts'
import { tellFull } from './changes.ts'

/** A file of today's RPKI is 80 MB. */
const FILE_OCTETS = 1 << 30

export interface LoadedFiles {
  readonly set: RpkiSet
  /** When the newest file was made, Unix seconds. */
  readonly madeSeconds: number
  readonly nextExpirySeconds: number
}

/** All files as one set; what of them is left out is told. */
export async function loadRpkiFiles(paths: readonly string[], host: Host): Promise<LoadedFiles | Problem> {
  const set = new RpkiSet()
  let [madeSeconds, nextExpirySeconds] = [0, Number.POSITIVE_INFINITY]
  for (const path of paths) {
    const text = await readText(path)
    if (isProblem(text)) return text
    const file = readRpkiJson(text.text, path, Date.now() / 1000, set)
    if (isProblem(file)) return file
    tell(file as RpkiFile, path, host)
    const { madeSeconds: made = text.changedSeconds, nextExpirySeconds: next } = file as RpkiFile
    madeSeconds = Math.max(madeSeconds, made)
    nextExpirySeconds = Math.min(nextExpirySeconds, next)
  }
  return { set, madeSeconds, nextExpirySeconds }
}

function tell({ bad, firstBad, expired, full }: RpkiFile, path: string, host: Host): void {
  if (expired > 0) host.count('rpki-expired', expired)
  tellFull(full, host)
  if (bad === 0) return
  host.count('rpki-bad-entries', bad)
  const message = `"${path}": ${bad} ${bad === 1 ? 'entry is' : 'entries are'} left out; ${firstBad}`
  host.report({ code: 'rpki/bad-entry', message })
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
