// Rows as rules: conditions that a record must meet, and what the row sets then. Each map has its own keys.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { Field } from '../fields/field.ts'
import { type Condition, fieldsOfMatch, type Places } from './condition.ts'
import { badRow, type MapRow, readRows, type Token } from './grammar.ts'
import { type MatchKeys, matchKey } from './match-keys.ts'
import type { Texts } from './slot.ts'

export interface Rule<Action> {
  readonly line: number
  readonly text: string
  readonly conditions: readonly Condition[]
  readonly action: Action
}

/** What a map's rows may say. */
export interface RuleGrammar<Draft> {
  readonly matchKeys: MatchKeys
  /** Whether any field is a match key. */
  readonly anyField: boolean
  /** Keys that set something: they write to the draft, and say what is wrong with the value. */
  readonly setKeys: { readonly [key: string]: (draft: Draft, value: string) => string | undefined }
  /** Keys that a row must have. */
  readonly required: readonly (readonly string[])[]
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

/** The rules of a map, or its first row that cannot be read. */
export function readRules<Draft>(text: string, file: string, grammar: RuleGrammar<Draft>): Rules<Draft> | Problem {
  const rows = readRows(text, file)
  if (isProblem(rows)) return rows
  const texts: Texts = new Map()
  const rules: Rule<Draft>[] = []
  for (const row of rows) {
    const rule = readRule(row, grammar, texts)
    if (typeof rule === 'string') return badRow(file, row.line, rule)
    rules.push(rule)
  }
  const fields = [...new Map(rules.flatMap(fieldsOfRule).map(field => [field.name, field])).values()]
  return { file, rules, fields, places: new Map(fields.map((field, place) => [field.name, place])), texts }
}

function fieldsOfRule(rule: Rule<unknown>): Field[] {
  return rule.conditions.flatMap(condition => fieldsOfMatch(condition.match))
}

function readRule<Draft>(row: MapRow, grammar: RuleGrammar<Draft>, texts: Texts): Rule<Draft> | string {
  const action = grammar.draft()
  const conditions: Condition[] = []
  const seen = new Set<string>()
  for (const token of row.tokens) {
    if (seen.has(token.key)) return `"${token.key}" stands twice`
    seen.add(token.key)
    const set = Object.hasOwn(grammar.setKeys, token.key) ? grammar.setKeys[token.key] : undefined
    const wrong = set ? set(action, token.value) : addCondition(token, grammar, texts, conditions)
    if (wrong !== undefined) return `${token.key}=${token.value}: ${wrong}`
  }
  for (const words of grammar.required) {
    if (!words.some(word => seen.has(word))) return `the row has no ${words.map(word => `"${word}"`).join(' or ')}`
  }
  return { line: row.line, text: row.text, conditions, action }
}

function addCondition<Draft>(
  token: Token,
  grammar: RuleGrammar<Draft>,
  texts: Texts,
  to: Condition[],
): string | undefined {
  const { key, value } = token
  const known = matchKey(grammar.matchKeys, key, grammar.anyField)
  if (!known) return 'no such key in this map'
  const negated = known.negatable && value.startsWith('-')
  const match = known.read(negated ? value.slice(1) : value, texts)
  if (typeof match === 'string') return match
  to.push({ key, value, negated, match })
  return undefined
}
