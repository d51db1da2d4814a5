// The language of `run`: stages joined by |, statements by ; or line ends, named where several read the same stream.
//
//   flows = flow-recv --listen :2055 | filter 'not port 53'
//   flows | aggregate --by src_as,dst_as --bin 5m | sink-sqlite --database matrix.db
//   flows | aggregate --by src_host --top 10 --bin 1m | dump --format table
//
//   flow-recv --pcap flows.pcap | enrich --bgp <(bgp-recv --pcap routes.pcap) | aggregate --by src_as,dst_as
//
// Words are quoted as in the shell ('...' as they are, "..." with \" and \\, \ before one character); # starts a comment;
// a line that ends with | or \ goes on in the next. <( ... ) is a side input: the stream of a line of its own, under a
// name that stands for a file. Nothing else is expanded: no variables, no globs.
import { isProblem, type Problem } from '../contract/problem.ts'
import { SIDE_INPUT } from './side-input.ts'

/** Words of one stage, the command's name first. */
export type StageWords = readonly string[]

export interface Statement {
  /** What later statements call the stream; undefined = it is written. */
  readonly name: string | undefined
  readonly stages: readonly StageWords[]
  /** Line of the text, from 1. */
  readonly line: number
}

type Token = { readonly kind: 'word' | '|' | ';' | '='; readonly text: string; readonly line: number }

const syntax = (message: string, line: number, hint: string): Problem => ({
  code: 'run/syntax',
  message: `line ${line}: ${message}`,
  hint,
})

interface ReadWord {
  readonly word: string
  readonly end: number
}

/** Takes the text of a side input; the word that stands for it. */
type TakeSide = (text: string, line: number) => string | Problem

/** One word from `at`: its text, and where it ends. */
function readWord(text: string, at: number, line: number, takeSide: TakeSide): ReadWord | Problem {
  let word = ''
  let quote = ''
  for (; at < text.length; at++) {
    const letter = text[at] as string
    if (quote === "'") {
      if (letter === "'") quote = ''
      else word += letter
    } else if (letter === '\\' && (quote === '' || '"\\'.includes(text[at + 1] ?? ''))) word += text[++at] ?? ''
    else if (quote === '"') {
      if (letter === '"') quote = ''
      else word += letter
    } else if (letter === "'" || letter === '"') quote = letter
    else if (/[\s|;]/.test(letter)) break
    else if (letter === '<' && text[at + 1] === '(' && /(^|=)$/.test(word)) {
      const end = closingParenthesis(text, at + 2)
      if (end < 0) return syntax('a <( is not closed', line, 'close it with )')
      const side = takeSide(text.slice(at + 2, end), line)
      if (isProblem(side)) return side
      word += side
      at = end
    } else word += letter
  }
  if (quote) return syntax(`a ${quote} is not closed`, line, `close it with another ${quote}`)
  return { word, end: at }
}

/** Where the parenthesis closes that is open at `at`; -1 = nowhere. */
function closingParenthesis(text: string, at: number): number {
  let depth = 1
  let quote = ''
  for (; at < text.length; at++) {
    const letter = text[at] as string
    if (letter === '\\' && quote !== "'") at++
    else if (quote !== '') quote = letter === quote ? '' : quote
    else if (letter === "'" || letter === '"') quote = letter
    else if (letter === '(') depth++
    else if (letter === ')' && --depth === 0) return at
  }
  return -1
}

function tokens(text: string, line: number, takeSide: TakeSide): Token[] | Problem {
  const found: Token[] = []
  for (let at = 0; at < text.length; ) {
    const letter = text[at] as string
    if (letter === '\\' && text[at + 1] === '\n') {
      at += 2
      line++
    } else if (letter === '\n') {
      if (found.at(-1)?.kind !== '|') found.push({ kind: ';', text: ';', line })
      at++
      line++
    } else if (/\s/.test(letter)) at++
    else if (letter === '#') at = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at)
    else if (letter === '|' || letter === ';') {
      found.push({ kind: letter, text: letter, line })
      at++
    } else {
      const read = readWord(text, at, line, takeSide)
      if (isProblem(read)) return read
      const bare = text.slice(at, read.end)
      found.push({ kind: bare === '=' ? '=' : 'word', text: read.word, line })
      line += bare.split('\n').length - 1
      at = read.end
    }
  }
  return found
}

function statement(words: readonly Token[]): Statement | Problem {
  const line = words[0]?.line ?? 1
  const named = words[1]?.kind === '='
  const stages: string[][] = [[]]
  for (const token of words.slice(named ? 2 : 0)) {
    if (token.kind === '|') stages.push([])
    else stages.at(-1)?.push(token.text)
  }
  if (stages.some(stage => stage.length === 0)) {
    return syntax('a stage is missing', line, 'write COMMAND | COMMAND, or NAME = COMMAND | COMMAND')
  }
  return { name: named ? words[0]?.text : undefined, stages, line }
}

/** The statements of a line or file of `run`. A side input is a statement with a name of its own, before the one that reads it. */
export function parseLine(text: string): Statement[] | Problem {
  const statements = new LineParser().parse(text, 1)
  if (isProblem(statements) || statements.length > 0) return statements
  return syntax('nothing to run', 1, "write the line as one argument: netally run 'flow-recv ... | aggregate ...'")
}

class LineParser {
  #sides = 0

  parse(text: string, firstLine: number): Statement[] | Problem {
    const sides: Statement[] = []
    const statements: Statement[] = []
    const all = tokens(text, firstLine, (side, line) => this.#takeSide(sides, side, line))
    if (isProblem(all)) return all
    let from = 0
    for (let at = 0; at <= all.length; at++) {
      if (at < all.length && all[at]?.kind !== ';') continue
      if (at > from) {
        const words = all.slice(from, at)
        const made = statement(words)
        if (isProblem(made)) return made
        while (sides[0] && isReadBy(sides, words)) statements.push(sides.shift() as Statement)
        statements.push(made)
      }
      from = at + 1
    }
    return statements
  }

  #takeSide(sides: Statement[], text: string, line: number): string | Problem {
    const made = this.parse(text, line)
    if (isProblem(made)) return made
    const side = made.at(-1)
    const others = made.slice(0, -1)
    if (!side || side.name !== undefined || others.some(({ name }) => !name?.startsWith(SIDE_INPUT)))
      return syntax('<( ) holds one line without a name', line, 'write <(COMMAND | COMMAND)')
    const name = `${SIDE_INPUT}${++this.#sides}`
    sides.push(...others, { ...side, name })
    return name
  }
}

/** Whether the first of the sides is read by these words, or by a side that they read: sides stand in the order of the words. */
function isReadBy(sides: readonly Statement[], words: readonly Token[]): boolean {
  return sides.some(({ name }) => words.some(({ text }) => name !== undefined && text.endsWith(name)))
}
