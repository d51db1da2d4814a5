// The text of pmacct's map files: one row a line, `key=value` tokens with white space between, `!` or `#` before a
// comment, quotes around what has blanks in it. What the keys mean is each map's own file. Files that end in .csv or
// .yaml have the same rows in another dress (csv.ts, yaml.ts).
import { isProblem, type Problem } from '../contract/problem.ts'
import { badRow, type Place, type RowProblem } from './row-problem.ts'

export interface Token {
  readonly key: string
  readonly value: string
  /** Where the token begins in its line, from 1. */
  readonly column: number
  /** Line of the token, where that is not the row's: a row of YAML has several. */
  readonly line?: number
}

export interface MapRow {
  /** Line number in the file, from 1. */
  readonly line: number
  /** The line as it stands there. */
  readonly text: string
  readonly tokens: readonly Token[]
}

/** What a file holds: its text, or rows that were read from CSV or YAML. */
export type MapText = string | readonly MapRow[]

/** Characters of a row. A longer one is no row that somebody wrote. */
export const MAX_ROW_LENGTH = 1 << 20

const COMMENT = /^\s*(?:[!#]|$)/
/** A key, `=`, and a value: in quotes, or up to the next blank (with quoted parts in it). */
const TOKEN = /([^\s=]+)=((?:'[^']*'|"[^"]*"|[^\s'"])*)(?=\s|$)/y
const QUOTED = /'([^']*)'|"([^"]*)"/g
const BLANKS = /\s*/y

/** Lines that are neither empty nor comments, with their numbers. */
export function* mapLines(text: string): Generator<{ line: number; text: string }> {
  let line = 0
  for (const raw of text.split('\n')) {
    line++
    if (!COMMENT.test(raw)) yield { line, text: raw.trimEnd() }
  }
}

/** Reads each row; the first that cannot be read ends it, unless `bad` takes them. */
export function readEach<Row, Read>(
  rows: Iterable<Row>,
  read: (row: Row) => Read | RowProblem,
  bad?: RowProblem[],
): Read[] | RowProblem {
  const found: Read[] = []
  for (const row of rows) {
    const one = read(row)
    if (!isProblem(one)) found.push(one)
    else if (bad) bad.push(one as RowProblem)
    else return one as RowProblem
  }
  return found
}

/** The rows of a map, or the first line that is none; all such lines, when `bad` takes them. */
export function readRows(text: MapText, file: string, bad?: RowProblem[]): readonly MapRow[] | RowProblem {
  if (typeof text !== 'string') return text
  return readEach(
    mapLines(text),
    ({ line, text: row }) => {
      const tokens = readTokens(row)
      if (!isProblemOfText(tokens)) return { line, text: row.trim(), tokens }
      const { column, what } = tokens
      return badRow(file, { line, column, text: row.trim() }, what, 'write key=value without blanks around the "="')
    },
    bad,
  )
}

interface ProblemOfText {
  readonly column: number
  readonly what: string
}

function isProblemOfText(read: Token[] | ProblemOfText): read is ProblemOfText {
  return 'what' in read
}

/** The tokens of a row, or what is wrong with it and where. */
export function readTokens(row: string): Token[] | ProblemOfText {
  if (row.length > MAX_ROW_LENGTH) return { column: 1, what: `the row has more than ${MAX_ROW_LENGTH} characters` }
  const tokens: Token[] = []
  let at = afterBlanks(row, 0)
  while (at < row.length) {
    TOKEN.lastIndex = at
    const found = TOKEN.exec(row)
    if (!found) return { column: at + 1, what: `"${row.slice(at).split(/\s/, 1)[0]}" is not key=value` }
    const [whole, key = '', value = ''] = found
    if (value === '') return { column: at + 1, what: `"${key}" has no value` }
    tokens.push({ key, value: value.replace(QUOTED, '$1$2'), column: at + 1 })
    at = afterBlanks(row, at + whole.length)
  }
  return tokens
}

function afterBlanks(row: string, at: number): number {
  BLANKS.lastIndex = at
  BLANKS.exec(row)
  return BLANKS.lastIndex
}

/** Where a token of a row stands. */
export function placeOf(row: MapRow, token: Token): Place {
  return { line: token.line ?? row.line, column: token.column, text: row.text }
}

/** The new map when it could be read; else the old one stays in force and the problem is handed on. */
export function replaced<Map extends object>(old: Map, next: Map | Problem, report: (problem: Problem) => void): Map {
  if (!isProblem(next)) return next
  report({ ...next, message: `${next.message}; the map read before stays in force` })
  return old
}
