// A map as YAML: a list of objects, one a row: `- {set_tag: 10, ip: 192.0.2.1}`. Values are read as they are written
// (010 stays 010), a list of values is the values with commas between. In maps of values alone an item may be the value.
import type { LineCounter, Node, Pair } from 'yaml'
import type { MapRow, Token } from './grammar.ts'
import { badRow, type RowProblem } from './row-problem.ts'

/** The key of an item that is a value alone. */
export const VALUE_ALONE = 'value'

type Yaml = typeof import('yaml')

class Reader {
  readonly #yaml: Yaml
  readonly #file: string
  readonly #lines: string[]
  readonly #counter: LineCounter

  constructor(yaml: Yaml, file: string, text: string, counter: LineCounter) {
    this.#yaml = yaml
    this.#file = file
    this.#lines = text.split('\n')
    this.#counter = counter
  }

  #place(node: unknown): { line: number; column: number } {
    const offset = (node as Node | null)?.range?.[0] ?? 0
    const { line, col } = this.#counter.linePos(offset)
    return { line, column: col }
  }

  bad(node: unknown, what: string, hint: string): RowProblem {
    const place = this.#place(node)
    return badRow(this.#file, { ...place, text: this.#lines[place.line - 1]?.trim() }, what, hint)
  }

  #textOf(node: unknown): string | undefined {
    if (this.#yaml.isScalar(node)) return node.source ?? String(node.value)
    if (!this.#yaml.isSeq(node)) return undefined
    const texts = node.items.map(item => (this.#yaml.isScalar(item) ? this.#textOf(item) : undefined))
    return texts.includes(undefined) ? undefined : texts.join(',')
  }

  row(item: unknown): MapRow | RowProblem {
    const { line, column } = this.#place(item)
    if (this.#yaml.isScalar(item)) {
      const value = this.#textOf(item) as string
      return { line, text: value, tokens: [{ key: VALUE_ALONE, value, column }] }
    }
    if (!this.#yaml.isMap(item)) return this.bad(item, 'an item is no object', 'write "- key: value" for each row')
    const tokens: Token[] = []
    for (const pair of item.items as Pair[]) {
      const key = this.#textOf(pair.key)
      const value = this.#textOf(pair.value)
      if (key === undefined || value === undefined)
        return this.bad(pair.key, `"${key}" has no plain value`, 'a value is a word, a number or a list of them')
      // An empty or null value: the row does not have the key, as an empty cell of CSV.
      if (value !== '' && value !== 'null' && value !== '~') tokens.push({ key, value, ...this.#place(pair.key) })
    }
    return { line, text: tokens.map(token => `${token.key}=${quoted(token.value)}`).join(' '), tokens }
  }
}

function quoted(value: string): string {
  if (!/[\s'"]/.test(value)) return value
  return value.includes("'") ? `"${value}"` : `'${value}'`
}

/** The rows of a YAML file. */
export async function readYaml(text: string, file: string, bad?: RowProblem[]): Promise<MapRow[] | RowProblem> {
  const yaml = await import('yaml')
  const counter = new yaml.LineCounter()
  const document = yaml.parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const reader = new Reader(yaml, file, text, counter)
  const [error] = document.errors
  if (error) {
    const { line, col } = counter.linePos(error.pos[0])
    return badRow(
      file,
      { line, column: col },
      `not YAML: ${error.message}`,
      'write a list of objects, one for each row',
    )
  }
  if (document.contents === null) return []
  if (!yaml.isSeq(document.contents))
    return reader.bad(document.contents, 'no list', 'write "- key: value" for each row')
  const rows: MapRow[] = []
  for (const item of document.contents.items) {
    const row = reader.row(item)
    if (!('code' in row)) rows.push(row)
    else if (bad) bad.push(row)
    else return row
  }
  return rows
}
