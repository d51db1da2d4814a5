// A golden case: a readable Markdown file that says what a command does and is run as a test.
//
//   # title, then prose
//   ```console              one `$ ` line or more; `console exits 2` when the status is not 0,
//                           `console piped` when the line has no fused form (redirections, substitutions),
//                           `console needs jq` when it wants a program that not every machine has
//   ```ndjson input         standard input of the first line
//   ```text file NAME       a file that the line reads; `hex file NAME` for octets, # starts a comment
//   ```ndjson output        what comes out
//   ```text written NAME    a file that the line writes
//   ```stderr               what is said on standard error

export type BlockKind = 'console' | 'input' | 'output' | 'stderr' | 'file' | 'written'

export interface Block {
  readonly kind: BlockKind
  readonly language: string
  /** Of a file. */
  readonly name: string
  text: string
  /** Lines of the case: that of the opening fence, and that of the closing one; from 0. */
  readonly from: number
  readonly to: number
}

export interface GoldenCase {
  readonly title: string
  readonly blocks: readonly Block[]
  readonly commands: readonly string[]
  readonly status: number
  /** Only as the shell runs it. */
  readonly pipedOnly: boolean
  /** A program that must be there. */
  readonly needs: string | undefined
}

const ROLES: ReadonlySet<string> = new Set(['input', 'output', 'file', 'written'])

function blockOf(info: string, from: number, to: number, lines: readonly string[]): Block | undefined {
  const [language = '', role = '', name = ''] = info.trim().split(/\s+/)
  const kind = language === 'console' || language === 'stderr' ? language : role
  if (kind !== 'console' && kind !== 'stderr' && !ROLES.has(kind)) return undefined
  const text = lines
    .slice(from + 1, to)
    .map(line => `${line}\n`)
    .join('')
  return { kind: kind as BlockKind, language, name, text, from, to }
}

/** Reads a case; throws where it is not one. */
export function parseCase(text: string): GoldenCase {
  const lines = text.split('\n')
  const blocks: Block[] = []
  let status = 0
  let pipedOnly = false
  let needs: string | undefined
  for (let at = 0; at < lines.length; at++) {
    const fence = /^(`{3,})(\S.*)$/.exec(lines[at] as string)
    if (!fence) continue
    const end = lines.indexOf(fence[1] as string, at + 1)
    if (end < 0) throw new Error(`line ${at + 1}: the block is not closed`)
    const info = fence[2] as string
    const block = blockOf(info, at, end, lines)
    if (block) blocks.push(block)
    if (block?.kind === 'console') {
      status = Number(/\bexits (\d+)/.exec(info)?.[1] ?? 0)
      pipedOnly = /\bpiped\b/.test(info)
      needs = /\bneeds (\S+)/.exec(info)?.[1]
    }
    at = end
  }
  const commands = blocks
    .filter(({ kind }) => kind === 'console')
    .flatMap(block => block.text.replaceAll('\\\n', ' ').split('\n'))
    .filter(line => line.startsWith('$ '))
    .map(line => line.slice(2))
  if (commands.length === 0) throw new Error('the case has no ```console block with a line that starts with $')
  return { title: lines[0]?.replace(/^# /, '') ?? '', blocks, commands, status, pipedOnly, needs }
}

/** The case with other text in some of its blocks; an empty text keeps the block. */
export function rewriteCase(text: string, blocks: readonly Block[]): string {
  const lines = text.split('\n')
  for (const block of [...blocks].sort((a, b) => b.from - a.from)) {
    lines.splice(block.from + 1, block.to - block.from - 1, ...block.text.split('\n').slice(0, -1))
  }
  return lines.join('\n')
}

/** Octets of a hex block. */
export function hexOctets(text: string): Buffer {
  const digits = text.replaceAll(/#.*$/gm, '').replaceAll(/\s/g, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error('a hex block holds something else than pairs of hex digits')
  return Buffer.from(digits, 'hex')
}

/** The stages of a shell line: cut at each | outside of quotes. */
function stages(line: string): string[] {
  const found: string[] = []
  let from = 0
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] as string
    if (quote) {
      if (letter === quote) quote = ''
    } else if (letter === "'" || letter === '"') quote = letter
    else if (letter === '|') {
      found.push(line.slice(from, at))
      from = at + 1
    }
  }
  found.push(line.slice(from))
  return found.map(stage => stage.trim())
}

/** Commands that are no components of a line. */
const LOOK: ReadonlySet<string> = new Set(['run', 'fields', 'map', 'explain', 'help', '--version', '--help'])

/** What to give `netally run` for the same; undefined when the line has no other form. */
export function fusedLine(line: string): string | undefined {
  const words = stages(line).map(stage => stage.replace(/^netally\s+/, ''))
  if (!line.startsWith('netally ') || LOOK.has(words[0]?.split(/\s/)[0] ?? '')) return undefined
  return words.join(' | ')
}
