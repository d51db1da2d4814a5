// The language of `run`: stages joined by |, statements by ; or line ends, named where several read the same stream.
//
//   flows = flow-recv --listen :2055 | filter 'not port 53'
//   flows | aggregate --by src_as,dst_as --bin 5m | sink-sqlite --database matrix.db
//   flows | aggregate --by src_host --top 10 --bin 1m | dump --format table
//
// Words are quoted as in the shell ('...' as they are, "..." with \" and \\, \ before one character); # starts a comment;
// a line that ends with | or \ goes on in the next. Nothing is expanded: no variables, no globs, no substitution.
import { isProblem, type Problem } from '../contract/problem.ts'

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

/** One word from `at`: its text, and where it ends. */
function readWord(text: string, at: number, line: number): { word: string; end: number } | Problem {
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
    else word += letter
  }
  if (quote) return syntax(`a ${quote} is not closed`, line, `close it with another ${quote}`)
  return { word, end: at }
}

function tokens(text: string): Token[] | Problem {
  const found: Token[] = []
  let line = 1
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
      const read = readWord(text, at, line)
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

/** The statements of a line or file of `run`. */
export function parseLine(text: string): Statement[] | Problem {
  const all = tokens(text)
  if (isProblem(all)) return all
  const statements: Statement[] = []
  let from = 0
  for (let at = 0; at <= all.length; at++) {
    if (at < all.length && all[at]?.kind !== ';') continue
    if (at > from) {
      const made = statement(all.slice(from, at))
      if (isProblem(made)) return made
      statements.push(made)
    }
    from = at + 1
  }
  if (statements.length > 0) return statements
  return syntax('nothing to run', 1, "write the line as one argument: netally run 'flow-recv ... | aggregate ...'")
}
