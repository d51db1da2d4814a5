// docs/pmacct-keys.md and docs/from-pmacct.md: every command, flag and choice that they name is there, and the first has every
// key of pmacct that ../shared/reference names.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { allFields } from '../../src/fields/dictionary.ts'
import { REPOSITORY } from '../support/cli.ts'

const PAGE = 'docs/pmacct-keys.md'
const REFERENCE = join(REPOSITORY, '..', 'shared', 'reference', 'pmacct-capabilities.md')

interface Flag {
  readonly allowNo?: boolean
  readonly options?: readonly string[]
}

/** Flags of each command, as they are typed. */
const commands = new Map<string, Map<string, Flag>>()
for (const file of ['oclif.manifest.json', ...globSync('plugins/*/oclif.manifest.json', { cwd: REPOSITORY })]) {
  const manifest = JSON.parse(readFileSync(join(REPOSITORY, file), 'utf8')) as {
    commands: { [id: string]: { flags: { [name: string]: Flag } } }
  }
  for (const [id, { flags }] of Object.entries(manifest.commands)) {
    const typed = Object.entries(flags).flatMap(([name, flag]): [string, Flag][] => [
      [`--${name}`, flag],
      ...(flag.allowNo ? [[`--no-${name}`, flag] as [string, Flag]] : []),
    ])
    commands.set(id.replaceAll(':', ' '), new Map(typed))
  }
}

const linesOf = (file: string): string[] =>
  readFileSync(join(REPOSITORY, file), 'utf8')
    .replace(/```[\s\S]*?```/g, '')
    .split('\n')

/** Cells of a row of a table; another line is one cell. */
function cellsOf(line: string): string[] {
  if (!line.startsWith('|')) return [line]
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map(cell => cell.replaceAll('\\|', '|').trim())
}

const spansOf = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span as string)

/** The stages of a line, in words; what is quoted is an argument. */
function stagesOf(span: string): string[][] {
  return span
    .replace(/'[^']*'|"[^"]*"/g, 'QUOTED')
    .split(/[|;]|<\(/)
    .map(stage => stage.replace(/^.*\bnetally |^\s*\w+ = |\)/g, '').trim())
    .filter(stage => stage !== '')
    .map(stage => stage.split(/\s+/))
}

const commandOf = ([first = '', second = '']: readonly string[]): string | undefined =>
  [`${first} ${second}`, first].find(name => commands.has(name))

/** Checks a flag, and the value behind it, where one of these commands must have it. */
function checkFlag(where: string, names: readonly string[], flag: string, value: string | undefined): void {
  const of = names.join(' or ')
  const found = names.flatMap(name => commands.get(name)?.get(flag) ?? [])
  assert.ok(found.length > 0 || flag === '--help', `${where}: there is no ${flag} of ${of}`)
  if (value === undefined || !/^[a-z]/.test(value) || !found.every(({ options }) => options)) return
  assert.ok(found.length === 0 || found.some(({ options }) => options?.includes(value)), `${where}: ${flag} ${value}`)
}

/** Checks the flags of one cell: those without a command belong to one before. Returns how many there were. */
function checkCell(where: string, cell: string): number {
  let seen = 0
  const named: string[] = []
  for (const words of spansOf(cell).flatMap(stagesOf)) {
    const [first = ''] = words
    assert.ok(!/^(sink-\w+|\w+-recv)$/.test(first) || commands.has(first), `${where}: there is no command ${first}`)
    const own = commandOf(words)
    if (own !== undefined) named.push(own)
    const candidates = own !== undefined ? [own] : named.length > 0 ? named : [...commands.keys()]
    words.forEach((word, index) => {
      if (!/^--[a-z]/.test(word)) return
      seen++
      checkFlag(where, candidates, word, words[index + 1])
    })
  }
  return seen
}

for (const file of [PAGE, 'docs/from-pmacct.md']) {
  test(`${file}: commands and flags are there`, () => {
    let seen = 0
    for (const [index, line] of linesOf(file).entries())
      for (const cell of cellsOf(line)) seen += checkCell(`${file}:${index + 1}`, cell)
    assert.ok(seen > 50, `only ${seen} flags were seen`)
  })
}

/** `{a,b}_c` is a_c and b_c, as in the shell. */
function braces(text: string): string[] {
  const [whole, inner] = /\{([^{}]*)\}/.exec(text) ?? []
  if (whole === undefined) return [text]
  return (inner as string).split(',').flatMap(word => braces(text.replace(whole, word.trim())))
}

/** What commas part, where they are in no braces. */
const partsOf = (text: string): string[] => text.split(/,\s*(?![^{]*\})/).map(part => part.trim())

/** Every key that stands in the first column of the page's tables, with its words in capitals and braces read. */
function pageKeys(): string[] {
  const words = new Map<string, string>()
  const keys: string[] = []
  let header = ''
  for (const line of linesOf(PAGE)) {
    if (!line.startsWith('|')) header = ''
    else if (header === '') header = line
    else {
      const [key = '', meaning = ''] = cellsOf(line)
      if (header.startsWith('| word ')) for (const word of spansOf(key)) words.set(word, `{${spansOf(meaning)}}`)
      else keys.push(...spansOf(key))
    }
  }
  return keys.flatMap(key => braces(key.replaceAll(/[A-Z]+/g, word => words.get(word) ?? word)))
}

test(`${PAGE}: a key stands once`, () => {
  const seen = new Set<string>()
  for (const key of pageKeys()) {
    assert.match(key, /^[a-z][a-z0-9_]*\*?$/)
    assert.ok(!seen.has(key), `${key} stands twice`)
    seen.add(key)
  }
  assert.ok(seen.size > 500, `only ${seen.size} keys were seen`)
})

/** What the reference has in backticks beside keys: words of maps, columns of SQL, names of records, values. */
const NO_KEYS = new Set(
  `agent_id bgp_port class_frame class_id custom_primitives is_bi_flow post_nat_* sample_type set_label sum_* vrf_name_egress
  vrf_name_ingress recover unix`.split(/\s+/),
)
const fields = new Set(allFields().flatMap(({ name, primitive = name }) => [name, primitive]))

/** Keys that it names in words only, or that are names of fields too. */
const ALSO = [
  'aggregate',
  'sampling_rate',
  ...braces('amqp_{host,port,vhost,user,passwd,exchange,exchange_type,routing_key,routing_key_rr}'),
  ...braces('amqp_{persistent_msg,frame_max,heartbeat_interval}'),
]

const isKeyLike = (text: string): boolean =>
  /^[a-z*_][a-z0-9_*]*$/.test(text) && !NO_KEYS.has(text) && !fields.has(text)

/**
 * What must be among the keys for a name of the reference: itself, with anything for `*`. A name that begins with `_` is the end
 * of one that begins like the key before it in the same cell: `kafka_broker_host`, `_port`; without one before, of any.
 */
function wanted(name: string, before: string | undefined): RegExp {
  const pattern = name.replaceAll('*', '.*')
  if (!name.startsWith('_')) return new RegExp(`^${pattern}$`)
  if (before === undefined) return new RegExp(`${pattern}$`)
  const words = before.split('_')
  return new RegExp(`^(${words.map((_, index) => words.slice(0, index + 1).join('_')).join('|')})${pattern}$`)
}

/** The names in a span: `a_b: value`, `a/b_c` (a_c, b_c), `a_b/_c` (a_b, and what ends in _c). */
function namesOf(span: string): string[] {
  const [first = '', ...others] = span.replace(/:.*| \([^)]*\)/g, '').split('/')
  const suffix = first.includes('_') ? undefined : /_.*/.exec(others.at(-1) ?? '')?.[0]
  if (suffix === undefined) return [first, ...others.map(other => (other.startsWith('_') ? other : `*${other}*`))]
  return [...[first, ...others.slice(0, -1)].map(prefix => prefix + suffix), others.at(-1) as string]
}

const PRODUCT = /`([^`]+)` x `([^`]+)`/g

/** What must be among the keys for one cell of the reference. `all`: words without a stroke are keys, too. */
function* wantedOf(cell: string, all: boolean): Generator<RegExp> {
  for (const [, heads, ends] of cell.matchAll(PRODUCT))
    for (const head of braces(heads as string))
      for (const end of partsOf(ends as string).flatMap(braces)) yield wanted(head + end, undefined)
  let before: string | undefined
  for (const span of spansOf(cell.replaceAll(PRODUCT, ''))) {
    for (const name of partsOf(span).flatMap(braces).flatMap(namesOf)) {
      if (!isKeyLike(name) || !(all || name.includes('_'))) continue
      yield wanted(name, before)
      if (/^[a-z]/.test(name) && !name.endsWith('*')) before = name
    }
  }
}

/** What must be among the keys: all that looks like one, and in columns of keys words without a stroke as well. */
function referenceKeys(): RegExp[] {
  const found = ALSO.map(name => wanted(name, undefined))
  let keysAt = -1
  for (const line of readFileSync(REFERENCE, 'utf8').split('\n')) {
    const isRow = line.startsWith('|')
    // What stands in another sentence is not the key before.
    const cells = isRow ? cellsOf(line) : line.split('. ')
    if (!isRow) keysAt = -1
    else if (cells.includes('Keys')) keysAt = cells.indexOf('Keys')
    cells.forEach((cell, at) => {
      found.push(...wantedOf(cell, at === keysAt))
    })
  }
  return found
}

const skip = !existsSync(REFERENCE) && 'no ../shared/reference beside the repository'

test(`${PAGE}: has every key that the reference names`, { skip }, () => {
  const keys = pageKeys()
  const named = referenceKeys()
  assert.ok(named.length > 500, `only ${named.length} keys were seen`)
  const missing = named.filter(pattern => !keys.some(key => pattern.test(key)))
  assert.deepEqual([...new Set(missing.map(String))], [])
})
