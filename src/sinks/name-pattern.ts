// Names of files and tables made from the time and from records: strftime variables and pmacct's $variables.
import type { Problem } from '../contract/problem.ts'
import type { Value } from '../contract/record.ts'
import { fieldOf, knownField } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { jsonText } from '../stream/json.ts'
import { type Moment, momentOf, offsetText, TIME_VARIABLES } from './calendar.ts'

export interface NamePattern {
  /** Fields whose values split the records by name. */
  readonly fields: readonly Field[]
  /** The finest step at which the time part may change; 0 = no time in the name. */
  readonly stepMs: number
  /** `values` in the order of `fields`. */
  render(unixMs: number, values: readonly (Value | undefined)[]): string
}

export interface PatternOptions {
  /** `$ref` and `$hst`, in ms; 0 when there is no interval. */
  readonly everyMs: number
  readonly localTime: boolean
  /** How a value is written; default: safe as part of a path. */
  readonly safe?: (value: Value | undefined) => string
}

interface Part {
  readonly stepMs: number
  text(moment: Moment, values: readonly (Value | undefined)[]): string
}

const TOKEN = /%(.)|\$\{(\w+)\}|\$(\w+)/g

/** Variables that pmacct spells its own way. */
const RECORD_VARIABLES: { readonly [name: string]: string } = { post_tag: 'tag', post_tag2: 'tag2' }

const LONGEST_VALUE = 100
/** What stands for an absent value. */
const NO_VALUE = 'none'

/** A value as part of one path component: no separator, no leading dot, nothing that a shell or terminal would read. */
export function safeName(value: Value | undefined): string {
  if (value === undefined || value === null || value === '') return NO_VALUE
  const text = typeof value === 'string' ? value : jsonText(value)
  return text
    .replaceAll(/[^A-Za-z0-9._:@+-]/g, '_')
    .replace(/^\./, '_')
    .slice(0, LONGEST_VALUE)
}

const literal = (text: string): Part => ({ stepMs: 0, text: () => text })

function timePart(letter: string): Part | undefined {
  if (letter === '%') return literal('%')
  const variable = Object.hasOwn(TIME_VARIABLES, letter) ? TIME_VARIABLES[letter] : undefined
  return variable && { stepMs: variable.everyMs, text: variable.text }
}

function namedPart(name: string, fields: Field[], { everyMs, safe = safeName }: PatternOptions): Part | undefined {
  if (name === 'tzone') {
    const text = ({ offsetMinutes }: Moment) => (offsetMinutes === 0 ? 'Z' : offsetText(offsetMinutes, ':'))
    return { stepMs: 0, text }
  }
  if (name === 'ref' || name === 'hst') return literal(String(everyMs / 1000))
  const field = fieldOf(RECORD_VARIABLES[name] ?? name)
  if (!knownField(field.name)) return undefined
  const known = fields.findIndex(other => other.name === field.name)
  const index = known < 0 ? fields.push(field) - 1 : known
  return { stepMs: 0, text: (_moment, values) => safe(values[index]) }
}

interface Token {
  readonly part: Part
  readonly length: number
}

/** The variable that a token begins with: `$tag_x` is `$tag` and `_x`, because no field is named tag_x. */
function variable(match: RegExpExecArray, fields: Field[], options: PatternOptions): Token | undefined {
  const [token, letter, braced, word = ''] = match
  if (letter !== undefined || braced !== undefined) {
    const part = letter !== undefined ? timePart(letter) : namedPart(braced as string, fields, options)
    return part && { part, length: token.length }
  }
  for (let length = word.length; length > 0; length--) {
    const part = namedPart(word.slice(0, length), fields, options)
    if (part) return { part, length: length + 1 }
  }
  return undefined
}

/** Variables are %Y..., $name and ${name}; the names of fields and pmacct's primitives. */
export function namePattern(text: string, options: PatternOptions): NamePattern | Problem {
  const parts: Part[] = []
  const fields: Field[] = []
  let at = 0
  for (const match of text.matchAll(TOKEN)) {
    parts.push(literal(text.slice(at, match.index)))
    const token = variable(match, fields, options)
    if (!token) return unknownVariable(text, match[0])
    parts.push(token.part)
    at = match.index + token.length
  }
  parts.push(literal(text.slice(at)))
  const steps = parts.map(part => part.stepMs).filter(step => step > 0)
  return {
    fields,
    stepMs: steps.length > 0 ? Math.min(...steps) : 0,
    render: (unixMs, values) => {
      const moment = momentOf(unixMs, options.localTime)
      return parts.map(part => part.text(moment, values)).join('')
    },
  }
}

function unknownVariable(text: string, token: string): Problem {
  return {
    code: 'usage/unknown-variable',
    message: `"${token}" in "${text}" is no variable`,
    hint: `time: %${Object.keys(TIME_VARIABLES).join(' %')}; others: $tzone $ref $hst $peer_src_ip $tag $tag2 and any field; %% is a percent sign`,
  }
}
