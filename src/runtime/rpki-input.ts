// RPKI data for a flag: records of rpki-recv from a side input, or a validator's JSON file, read again when it changes.
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { Host } from '../contract/host.ts'
import { isProblem, type Problem, ProblemError } from '../contract/problem.ts'
import type { RpkiSet } from '../lookup/rpki-set.ts'
import type { RpkiInput } from '../operators/enrich/rpki-source.ts'
import { type LoadedFiles, loadRpkiFiles } from '../sources/rpki/load-files.ts'
import type { StageHost } from './host.ts'
import { isSideInput, sideInput } from './side-input.ts'

/** What is looked at to tell them apart. */
const SNIFFED_OCTETS = 4096

/** Throws a ProblemError. */
export async function rpkiInput(path: string, host: Host): Promise<RpkiInput> {
  if (isSideInput(path) || !isValidatorsFile(path)) return { stream: sideInput(path, host) }
  const read = async (): Promise<RpkiSet | Problem> => {
    const loaded = await loadRpkiFiles([path], host)
    return isProblem(loaded) ? loaded : (loaded as LoadedFiles).set
  }
  const set = await read()
  if (isProblem(set)) throw new ProblemError(set)
  await (host as Partial<StageHost>).follow?.(path)
  return { file: { set: set as RpkiSet, read } }
}

/** Whether a file is one JSON object with ROAs, and not lines of records. */
function isValidatorsFile(path: string): boolean {
  const text = beginning(path)
  const line = text.split('\n', 1)[0] ?? ''
  try {
    const first = JSON.parse(line)
    return typeof first === 'object' && first !== null && ('roas' in first || 'aspas' in first)
  } catch {
    // Longer than what was looked at, or an object of many lines.
    return /^\s*\{/.test(text) && /"(metadata|roas|aspas|provider_authorizations)"\s*:/.test(text)
  }
}

function beginning(path: string): string {
  try {
    if (!statSync(path).isFile()) return ''
    const fd = openSync(path, 'r')
    const octets = Buffer.alloc(SNIFFED_OCTETS)
    const count = readSync(fd, octets, 0, SNIFFED_OCTETS, 0)
    closeSync(fd)
    return octets.toString('utf8', 0, count)
  } catch {
    return ''
  }
}
