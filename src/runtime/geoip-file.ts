// MaxMind DB files (country, city, ASN), read into memory whole.
import { readFile, stat } from 'node:fs/promises'
import { isProblem, type Problem, ProblemError } from '../contract/problem.ts'
import type { GeoFile, GeoSource } from '../operators/enrich/geoip.ts'

/** What the last part of every MaxMind DB begins with. */
const METADATA = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')

/** A file that is read; a problem when it is none. The library is loaded with the first file. */
async function readGeoFile(path: string): Promise<GeoFile | Problem> {
  try {
    const octets = await readFile(path)
    if (octets.lastIndexOf(METADATA) < 0) return noDatabase(path, octets.length === 0 ? 'it is empty' : 'it is none')
    const { Reader } = await import('maxmind')
    const reader = new Reader(octets)
    return { path, get: address => reader.get(address) }
  } catch (error) {
    return noDatabase(path, error instanceof Error ? error.message : String(error))
  }
}

const noDatabase = (path: string, reason: string): Problem => ({
  code: 'geoip/unreadable',
  message: `"${path}" cannot be read as a MaxMind DB: ${reason}`,
  hint: 'it must be a MaxMind DB (.mmdb), unpacked',
})

/** What tells one state of a file from another; '' when there is none. */
async function stateOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : ''
}

class GeoFileOf implements GeoSource {
  file!: GeoFile
  readonly #path: string
  #state = ''

  constructor(path: string) {
    this.#path = path
  }

  /** The same file while it did not change: it may be large, and other maps are read again more often. */
  readonly read = async (): Promise<GeoFile | Problem> => {
    const state = await stateOf(this.#path)
    if (state !== '' && state === this.#state) return this.file
    const file = await readGeoFile(this.#path)
    if (isProblem(file)) return file
    this.#state = state
    this.file = file as GeoFile
    return this.file
  }
}

/** Throws a ProblemError. */
export async function openGeoFiles(paths: readonly string[]): Promise<GeoSource[]> {
  const sources = paths.map(path => new GeoFileOf(path))
  for (const source of sources) {
    const file = await source.read()
    if (isProblem(file)) throw new ProblemError(file)
  }
  return sources
}
