// MaxMind DB files (country, city, ASN), read into memory whole.
import { readFile } from 'node:fs/promises'
import { isProblem, type Problem, ProblemError } from '../contract/problem.ts'
import type { GeoFile, GeoSource } from '../operators/enrich/geoip.ts'

/** A file that is read; a problem when it is none. The library is loaded with the first file. */
async function readGeoFile(path: string): Promise<GeoFile | Problem> {
  try {
    const octets = await readFile(path)
    const { Reader } = await import('maxmind')
    const reader = new Reader(octets)
    return { path, get: address => reader.get(address) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      code: 'geoip/unreadable',
      message: `"${path}" cannot be read: ${reason}`,
      hint: 'it must be a MaxMind DB (.mmdb), unpacked',
    }
  }
}

/** Throws a ProblemError. */
export async function openGeoFiles(paths: readonly string[]): Promise<GeoSource[]> {
  const sources: GeoSource[] = []
  for (const path of paths) {
    const file = await readGeoFile(path)
    if (isProblem(file)) throw new ProblemError(file)
    sources.push({ file: file as GeoFile, read: () => readGeoFile(path) })
  }
  return sources
}
