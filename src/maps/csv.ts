// A map as CSV (RFC 4180): a header with the keys, then a row a line. An empty cell is a key that the row does not have.
import type { MapRow, Token } from './grammar.ts'
import { badRow, type RowProblem } from './row-problem.ts'

interface Cell {
  readonly text: string
  readonly column: number
}

interface Line {
  readonly line: number
  readonly text: string
  readonly cells: readonly Cell[]
}

/** A cell in quotes (`""` is a quote), or up to the next comma; then a comma or the end. */
const CELL = /[ \t]*(?:"((?:[^"]|"")*)"[ \t]*|([^",]*))(,|$)/y

/** The cells of a line, or the column where they end to be cells. */
function cellsOf(text: string): Cell[] | number {
  const cells: Cell[] = []
  let at = 0
  for (;;) {
    CELL.lastIndex = at
    const found = CELL.exec(text)
    if (!found) return at + 1
    const [, quoted, plain = '', end] = found
    cells.push({ text: quoted?.replaceAll('""', '"') ?? plain.trim(), column: at + 1 })
    at = CELL.lastIndex
    if (end !== ',') return cells
  }
}

const COMMENT = /^\s*(?:[!#]|$)/

function* linesOf(text: string, file: string): Generator<Line | RowProblem> {
  let line = 0
  for (const raw of text.split('\n')) {
    line++
    if (COMMENT.test(raw)) continue
    const row = raw.trimEnd()
    const cells = cellsOf(row)
    if (typeof cells === 'number')
      yield badRow(
        file,
        { line, column: cells, text: row },
        'a quote stands where a cell goes on',
        'write "" for a quote in a quoted cell',
      )
    else yield { line, text: row, cells }
  }
}

/** The rows of a CSV file; its first line names the keys. */
export function readCsv(text: string, file: string, bad?: RowProblem[]): MapRow[] | RowProblem {
  const rows: MapRow[] = []
  let keys: string[] | undefined
  for (const line of linesOf(text, file)) {
    const row = 'code' in line ? line : keys === undefined ? undefined : rowOf(line, keys, file)
    if (!row) keys = (line as Line).cells.map(cell => cell.text)
    else if (!('code' in row)) rows.push(row)
    else if (bad) bad.push(row)
    else return row
  }
  return rows
}

function rowOf({ line, text, cells }: Line, keys: readonly string[], file: string): MapRow | RowProblem {
  const extra = cells[keys.length]
  if (extra) {
    const what = `the row has ${cells.length} cells, the header ${keys.length}`
    return badRow(file, { line, column: extra.column, text }, what, 'put a cell with a comma in it into quotes')
  }
  const tokens: Token[] = []
  cells.forEach((cell, place) => {
    if (cell.text !== '') tokens.push({ key: keys[place] as string, value: cell.text, column: cell.column })
  })
  return { line, text, tokens }
}
