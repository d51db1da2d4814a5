// A filter's text as tokens.
import { parseMac } from '../octets/address.ts'
import { fail } from './failure.ts'
import { isHyphenated } from './names.ts'
import { parsePrefix } from './values.ts'

export interface Token {
  /**
   * word: may be a key; key: one in backticks; bare: unquoted text that may not be one; dotted: `10.1.2`, a short
   * network; index: what stands between brackets; pattern: /source/flags.
   */
  readonly kind:
    | 'word'
    | 'key'
    | 'bare'
    | 'quoted'
    | 'number'
    | 'dotted'
    | 'address'
    | 'prefix'
    | 'mac'
    | 'time'
    | 'pattern'
    | 'index'
    | 'symbol'
    | 'end'
  /** As written; of a quoted text what is between the quotes; of a MAC address its canonical form. */
  readonly text: string
  readonly start: number
  readonly end: number
  readonly number?: number | bigint
  readonly flags?: string
}

const SUFFIXES: { readonly [suffix in string]?: number } = {
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

type Reading = Pick<Token, 'kind'> & Partial<Token>

interface Rule {
  readonly pattern: RegExp
  /** Only right after one of these symbols. */
  readonly after?: readonly string[]
  /** Undefined: it is something else after all. */
  readonly read: (found: RegExpExecArray) => Reading | undefined
}

/** In order: the first that reads something has it. */
const RULES: readonly Rule[] = [
  { pattern: /[^\]]+/y, after: ['['], read: () => ({ kind: 'index' }) },
  {
    pattern: /\/((?:[^/\\\n]|\\.)+)\/([a-z]*)/y,
    after: ['~', '!~'],
    read: found => ({ kind: 'pattern', text: found[1] as string, flags: found[2] as string }),
  },
  {
    pattern: /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy,
    read: found => ({ kind: 'quoted', text: (found[1] ?? found[2] ?? '').replaceAll(/\\(.)/gs, '$1') }),
  },
  { pattern: /`([^`]+)`/y, read: found => ({ kind: 'key', text: found[1] as string }) },
  {
    pattern: /\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w.:-])/y,
    read: () => ({ kind: 'time' }),
  },
  { pattern: /[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:\/\d+)?(?![\w:])/y, read: ([text]) => readColons(text) },
  { pattern: /[A-Za-z0-9_.-]+(?::[A-Za-z0-9_.-]+)+/y, read: () => ({ kind: 'bare' }) },
  { pattern: /\d+\.\d+\.\d+\.\d+(?:\/\d+)?(?![\w.])/y, read: ([text]) => readPrefix(text) },
  { pattern: /\d+\.\d+\.\d+(?![\w.])/y, read: () => ({ kind: 'dotted' }) },
  {
    pattern: /(?:0x[0-9a-fA-F]+|(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(k|K|M|G|T|Ki|Mi|Gi|Ti)?)(?!\w|\.\d)/y,
    read: found => ({ kind: 'number', number: numberOf(found[0], found[1]) }),
  },
  { pattern: /\d[\w.]*|[A-Za-z_][\w-]*(?:\.[\w-]+)+/y, read: () => ({ kind: 'bare' }) },
  { pattern: /[A-Za-z_]\w*(?:-[A-Za-z]\w*)+/y, read: ([text]) => (isHyphenated(text) ? { kind: 'word' } : undefined) },
  { pattern: /[A-Za-z_]\w*/y, read: () => ({ kind: 'word' }) },
  { pattern: /&&|\|\||==|!=|!~|<=|>=|<<|>>|[!=<>~+\-*/%&|^()[\],\\]/y, read: () => ({ kind: 'symbol' }) },
]

const BLANK = /\s*/y

/** All tokens of a text, the last of kind `end`; fails at the first character that starts none. */
export function scan(text: string): Token[] {
  const tokens: Token[] = []
  let at = skipBlanks(text, 0)
  while (at < text.length) {
    const token = scanToken(text, at, tokens.at(-1))
    tokens.push(token)
    at = skipBlanks(text, token.end)
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length })
  return tokens
}

function skipBlanks(text: string, at: number): number {
  BLANK.lastIndex = at
  BLANK.exec(text)
  return BLANK.lastIndex
}

function scanToken(text: string, start: number, previous: Token | undefined): Token {
  const symbol = previous?.kind === 'symbol' ? previous.text : ''
  for (const { pattern, after, read } of RULES) {
    if (after && !after.includes(symbol)) continue
    pattern.lastIndex = start
    const found = pattern.exec(text)
    const reading = found ? read(found) : undefined
    if (found && reading) return { text: found[0], start, end: start + found[0].length, ...reading }
  }
  const character = String.fromCodePoint(text.codePointAt(start) as number)
  const message = `"'\``.includes(character) ? `${character} is not closed` : `"${character}" has no meaning here`
  return fail(text, start, { message, hint: 'texts with other characters than letters, digits and _ go into quotes' })
}

function readColons(text: string): Reading | undefined {
  const mac = macOf(text)
  return mac === undefined ? readPrefix(text) : { kind: 'mac', text: mac }
}

function readPrefix(text: string): Reading | undefined {
  return parsePrefix(text) ? { kind: text.includes('/') ? 'prefix' : 'address' } : undefined
}

/** Canonical form of a MAC address, whose octets may be one digit as in pcap-filter. */
function macOf(text: string): string | undefined {
  const mac = text
    .toLowerCase()
    .split(':')
    .map(octet => octet.padStart(2, '0'))
    .join(':')
  return Number.isNaN(parseMac(mac)) ? undefined : mac
}

/** BigInt when a whole number is above 2^53. */
function numberOf(text: string, suffix: string | undefined): number | bigint {
  const digits = suffix === undefined ? text : text.slice(0, -suffix.length)
  const number = Number(digits) * (SUFFIXES[suffix ?? ''] ?? 1)
  if (Number.isSafeInteger(number) || suffix !== undefined || !/^(0x[0-9a-f]+|\d+)$/i.test(digits)) return number
  return BigInt(digits)
}
