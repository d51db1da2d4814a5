// The text of pmacct's map files: one row a line, `key=value` tokens with white space between, `!` or `#` before a
// comment, quotes around what has blanks in it. What the keys mean is each map's own file.
import { readFile } from 'node:fs/promises'
import { isProblem, type Problem } from '../contract/problem.ts'

export interface Token {
  readonly key: string
  readonly value: string
}

export interface MapRow {
  /** Line number in the file, from 1. */
  readonly line: number
  /** The line as it stands there. */
  readonly text: string
  readonly tokens: readonly Token[]
}

/** A row that cannot be read: the whole file is refused, so that a map in force stays whole. */
export function badRow(file: string, line: number, what: string, hint?: string): Problem {
  const problem: Problem = { code: 'maps/bad-row', message: `${file} line ${line}: ${what}` }
  return hint === undefined ? problem : { ...problem, hint }
}

/** Characters of a row. A longer one is no row that somebody wrote. */
export const MAX_ROW_LENGTH = 1 << 20

const COMMENT = /^\s*(?:[!#]|$)/
/** A key, `=`, and a value: in quotes, or up to the next blank (with quoted parts in it). */
const TOKEN = /([^\s=]+)=((?:'[^']*'|"[^"]*"|[^\s'"])*)(?=\s|$)/y
const QUOTED = /'([^']*)'|"([^"]*)"/g

/** Lines that are neither empty nor comments, with their numbers. */
export function* mapLines(text: string): Generator<{ line: number; text: string }> {
  let line = 0
  for (const raw of text.split('\n')) {
    line++
    if (!COMMENT.test(raw)) yield { line, text: raw.trim() }
  }
}

/** The rows of a map, or the first line that is none. */
export function readRows(text: string, file: string): MapRow[] | Problem {
  const rows: MapRow[] = []
  for (const { line, text: row } of mapLines(text)) {
    const tokens = readTokens(row)
    if (typeof tokens === 'string') return badRow(file, line, tokens, 'write key=value without blanks around the "="')
    rows.push({ line, text: row, tokens })
  }
  return rows
}

/** The tokens of a row, or what is wrong with it. */
export function readTokens(row: string): Token[] | string {
  if (row.length > MAX_ROW_LENGTH) return `the row has more than ${MAX_ROW_LENGTH} characters`
  const tokens: Token[] = []
  let at = 0
  while (at < row.length) {
    TOKEN.lastIndex = at
    const found = TOKEN.exec(row)
    if (!found) return `"${row.slice(at).split(/\s/, 1)[0]}" is not key=value`
    const [whole, key = '', value = ''] = found
    if (value === '') return `"${key}" has no value`
    tokens.push({ key, value: value.replace(QUOTED, '$1$2') })
    at += whole.length
    while (at < row.length && /\s/.test(row[at] as string)) at++
  }
  return tokens
}

/** Reads a map file. Whatever is wrong comes back as a Problem, and nothing of the file is used. */
export async function readMap<Map>(
  path: string,
  parse: (text: string, file: string) => Map | Problem,
): Promise<Map | Problem> {
  try {
    return parse(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return { code: 'maps/unreadable', message: `cannot read the map: ${error.message}` }
  }
}

/** The new map when it could be read; else the old one stays in force and the problem is handed on. */
export function replaced<Map extends object>(old: Map, next: Map | Problem, report: (problem: Problem) => void): Map {
  if (!isProblem(next)) return next
  report({ ...next, message: `${next.message}; the map read before stays in force` })
  return old
}
