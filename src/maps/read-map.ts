// A map file to a map: the form is chosen by how the file's name ends.
import { readFile } from 'node:fs/promises'
import { isProblem, type Problem } from '../contract/problem.ts'
import { readCsv } from './csv.ts'
import type { MapText } from './grammar.ts'
import type { RowProblem } from './row-problem.ts'
import { readYaml } from './yaml.ts'

/** A map of a file's text or rows. With `bad`, rows that cannot be read go there, and the others make the map. */
export type Parse<Map> = (text: MapText, file: string, bad?: RowProblem[]) => Map | Problem

/** The rows of a .csv or .yaml file, the text of any other. `ownCsv`: the map reads its CSV itself. */
export async function readForm(
  text: string,
  file: string,
  bad?: RowProblem[],
  ownCsv = false,
): Promise<MapText | RowProblem> {
  if (/\.csv$/i.test(file) && !ownCsv) return readCsv(text, file, bad)
  return /\.ya?ml$/i.test(file) ? await readYaml(text, file, bad) : text
}

/** Reads a map file. Whatever is wrong comes back as a Problem, and nothing of the file is used. */
export async function readMap<Map>(
  path: string,
  parse: Parse<Map>,
  bad?: RowProblem[],
  ownCsv = false,
): Promise<Map | Problem> {
  try {
    const rows = await readForm(await readFile(path, 'utf8'), path, bad, ownCsv)
    return isProblem(rows) ? rows : parse(rows, path, bad)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return { code: 'maps/unreadable', message: `cannot read the map "${path}": ${error.message}` }
  }
}
