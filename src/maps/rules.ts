// Rows as rules: conditions that a record must meet, and what the row sets then. Each map has its own keys.
import { isProblem } from '../contract/problem.ts'
import type { Field } from '../fields/field.ts'
import { nearest } from '../filter/nearest.ts'
import { type Condition, fieldsOfMatch, type Places } from './condition.ts'
import { type MapRow, type MapText, placeOf, readEach, readRows, type Token } from './grammar.ts'
import { type MatchKeys, matchKey } from './match-key.ts'
import { badRow, type RowProblem } from './row-problem.ts'
import type { Texts } from './slot.ts'

export interface Rule<Action> {
  readonly line: number
  readonly text: string
  readonly conditions: readonly Condition[]
  readonly action: Action
}

/** A key that sets something: it writes to the draft, and says what is wrong with the value. */
export type SetKey<Draft> = (draft: Draft, value: string) => string | undefined

/** What a map's rows may say. */
export interface RuleGrammar<Draft> {
  readonly matchKeys: MatchKeys
  /** Whether any field is a match key. */
  readonly anyField: boolean
  readonly setKeys: { readonly [key: string]: SetKey<Draft> }
  /** Keys that a row must have. */
  readonly required: readonly (readonly string[])[]
  /** A row as it should be, for hints. */
  readonly example: string
  /** What a row without any set key would be. */
  readonly draft: () => Draft
}

export interface Rules<Action> {
  readonly file: string
  readonly rules: readonly Rule<Action>[]
  /** What the conditions read, each field once. */
  readonly fields: readonly Field[]
  readonly places: Places
  readonly texts: Texts
}

/** The rules of a map, or its first row that cannot be read; with `bad`, the rules of the rows that can. */
export function readRules<Draft>(
  text: MapText,
  file: string,
  grammar: RuleGrammar<Draft>,
  bad?: RowProblem[],
): Rules<Draft> | RowProblem {
  const rows = readRows(text, file, bad)
  if (isProblem(rows)) return rows
  const texts: Texts = new Map()
  const rules = readEach(rows, row => readRule(row, file, grammar, texts), bad)
  if (isProblem(rules)) return rules
  const fields = fieldsOfRules(rules)
  return { file, rules, fields, places: new Map(fields.map((field, place) => [field.name, place])), texts }
}

function fieldsOfRules(rules: readonly Rule<unknown>[]): Field[] {
  const fields = new Map<string, Field>()
  for (const { conditions } of rules)
    for (const { match } of conditions)
      for (const field of fieldsOfMatch(match)) if (!fields.has(field.name)) fields.set(field.name, field)
  return [...fields.values()]
}

interface Wrong {
  readonly what: string
  readonly hint?: string | undefined
}

function readRule<Draft>(
  row: MapRow,
  file: string,
  grammar: RuleGrammar<Draft>,
  texts: Texts,
): Rule<Draft> | RowProblem {
  const action = grammar.draft()
  const conditions: Condition[] = []
  const seen = new Set<string>()
  for (const token of row.tokens) {
    const { key, value } = token
    const wrong = seen.has(key)
      ? { what: `"${key}" stands twice` }
      : readToken(token, grammar, texts, action, conditions)
    seen.add(key)
    if (wrong) return badRow(file, placeOf(row, token), `${key}=${value}: ${wrong.what}`, wrong.hint)
  }
  for (const words of grammar.required) {
    if (words.some(word => seen.has(word))) continue
    const what = `the row has no ${words.map(word => `"${word}"`).join(' or ')}`
    return badRow(file, { line: row.line, text: row.text }, what, `a row like ${grammar.example}`)
  }
  return { line: row.line, text: row.text, conditions, action }
}

function readToken<Draft>(
  token: Token,
  grammar: RuleGrammar<Draft>,
  texts: Texts,
  action: Draft,
  conditions: Condition[],
): Wrong | undefined {
  const set = Object.hasOwn(grammar.setKeys, token.key) ? grammar.setKeys[token.key] : undefined
  if (!set) return addCondition(token, grammar, texts, conditions)
  const what = set(action, token.value)
  return what === undefined ? undefined : { what, hint: `a row like ${grammar.example}` }
}

function addCondition<Draft>(
  token: Token,
  grammar: RuleGrammar<Draft>,
  texts: Texts,
  to: Condition[],
): Wrong | undefined {
  const { key, value } = token
  const known = matchKey(grammar.matchKeys, key, grammar.anyField)
  if (!known) return { what: 'no such key in this map', hint: keyHint(key, grammar) }
  const negated = known.negatable && value.startsWith('-')
  const match = known.read(negated ? value.slice(1) : value, texts)
  if (typeof match === 'string') return { what: match, hint: `${key}=${known.example}` }
  to.push({ key, value, negated, match })
  return undefined
}

function keyHint<Draft>(key: string, { matchKeys, setKeys }: RuleGrammar<Draft>): string {
  const keys = [...Object.keys(setKeys), ...Object.keys(matchKeys)]
  const meant = nearest(key, keys)
  return meant ? `${meant}` : `one of ${keys.join(', ')}`
}
