// The rules of the source: imports point down, pure code stays pure, files and functions stay short.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { PAGES } from '../docs/generate.ts'
import { allFields } from '../src/fields/dictionary.ts'
import { REPOSITORY } from './support/cli.ts'
import { functionLengths } from './support/function-lengths.ts'

/** From the top; what stands in one row does not import each other. */
const ORDER: readonly (readonly string[])[] = [
  ['commands'],
  ['runtime'],
  ['sources', 'operators', 'sinks'],
  ['maps', 'filter'],
  ['wire'],
  ['fields'],
  ['lookup'],
  ['octets'],
  ['stream'],
  ['contract'],
]
/** maps use filters (`filter='...'` of a row). */
const BESIDE: ReadonlySet<string> = new Set(['maps filter'])
/** Folders that may import oclif. */
const OCLIF: ReadonlySet<string> = new Set(['commands', 'runtime'])
/** Pure code: no clock, no timer, no console, no process, no files. */
const PURE = ['operators', 'wire', 'filter', 'fields', 'lookup', 'octets', 'contract']
const IMPURE =
  /\b(Date\.now|new Date\(\)|performance\.now|setTimeout|setInterval|setImmediate|console\.|process\.)|from 'node:(fs|net|dgram|child_process|timers|http)/

/** Rows of data, as long as the data are. */
const DATA_TABLES: ReadonlySet<string> = new Set(['src/fields/flow.ts', 'src/fields/protocols.ts'])
const MOST_LINES = 300
const MOST_FUNCTION_LINES = 50
/** What is longer all the same. It only gets less: a line that is no longer needed fails the test too. */
const RATCHET = join(import.meta.dirname, 'architecture.ratchet.json')

const level = (folder: string): number => ORDER.findIndex(row => row.includes(folder))
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')
const sources = globSync('src/**/*.ts', { cwd: REPOSITORY }).sort()
const folderOf = (file: string): string => file.split('/')[1] ?? ''
const imports = (text: string): string[] =>
  [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(match => match[1] as string)

function mayImport(from: string, to: string): boolean {
  if (from === to || to === 'contract' || BESIDE.has(`${from} ${to}`)) return true
  return level(from) < level(to)
}

describe('architecture', () => {
  it('every folder of src has its place', () => {
    const folders = new Set(sources.filter(file => file.split('/').length > 2).map(folderOf))
    assert.deepEqual(
      [...folders].filter(folder => level(folder) < 0),
      [],
    )
  })

  it('imports point down', () => {
    const wrong = sources
      .filter(file => level(folderOf(file)) >= 0)
      .flatMap(file =>
        imports(read(file))
          .filter(target => target.startsWith('.'))
          .map(target => relative(REPOSITORY, join(REPOSITORY, dirname(file), target)))
          .filter(target => !mayImport(folderOf(file), folderOf(target)))
          .map(target => `${file} imports ${target}`),
      )
    assert.deepEqual(wrong, [])
  })

  it('only commands and runtime import oclif', () => {
    const wrong = sources.filter(
      file => imports(read(file)).some(name => name.startsWith('@oclif/')) && !OCLIF.has(folderOf(file)),
    )
    assert.deepEqual(wrong, [])
  })

  it('pure code stays pure', () => {
    const wrong = sources
      .filter(file => PURE.includes(folderOf(file)))
      .flatMap(file =>
        read(file)
          .split('\n')
          .map((line, index) => ({ line, at: `${file}:${index + 1}` }))
          .filter(({ line }) => IMPURE.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line) && !line.includes('import type'))
          .map(({ line, at }) => `${at} ${line.trim()}`),
      )
    assert.deepEqual(wrong, [])
  })

  it('files and functions stay short, the ratchet holds', () => {
    const long: { [what: string]: number } = {}
    for (const file of sources.filter(name => !DATA_TABLES.has(name))) {
      const text = read(file)
      const lines = text.split('\n').length - 1
      if (lines > MOST_LINES) long[file] = lines
      for (const { name, lines: length } of functionLengths(text)) {
        if (length > MOST_FUNCTION_LINES) long[`${file} ${name}`] = length
      }
    }
    if (process.env.UPDATE === '1') writeFileSync(RATCHET, `${JSON.stringify(long, null, 2)}\n`)
    const allowed = JSON.parse(readFileSync(RATCHET, 'utf8')) as { [what: string]: number }
    const grown = Object.entries(long).filter(([what, lines]) => lines > (allowed[what] ?? 0))
    assert.deepEqual(grown, [], 'too long: split it')
    const stale = Object.entries(allowed).filter(([what, lines]) => lines > (long[what] ?? 0))
    assert.deepEqual(stale, [], 'shorter now: put the ratchet down (npm test -- --update)')
  })

  it('every field has a summary of one line', () => {
    const wrong = allFields().filter(({ summary }) => summary.trim() === '' || /\n|\.$/.test(summary))
    assert.deepEqual(
      wrong.map(({ name }) => name),
      [],
    )
  })

  for (const [path, page] of Object.entries(PAGES)) {
    it(`${path} is up to date (else: npm run docs)`, () => {
      assert.ok(existsSync(join(REPOSITORY, path)), 'there is none')
      assert.equal(read(path), page())
    })
  }

  it('nothing of a machine stands in the repository', context => {
    const listed = spawnSync('git', ['ls-files', '-z'], { cwd: REPOSITORY, encoding: 'utf8' })
    if (listed.status !== 0) return context.skip('no git repository')
    // Put together here, so that this file does not hold what it looks for.
    const forbidden = new RegExp(
      [
        ['/ro', 'ot/'],
        ['/wo', 'rk/'],
        ['/ho', 'me/[a-z]'],
        ['registry', '\\.'],
      ]
        .map(parts => parts.join(''))
        .join('|'),
    )
    const wrong = listed.stdout
      .split('\0')
      .filter(file => file !== '' && existsSync(join(REPOSITORY, file)) && !file.endsWith('.pcap'))
      .flatMap(file =>
        read(file)
          .split('\n')
          .map((line, index) => ({ line, at: `${file}:${index + 1}` }))
          .filter(({ line }) => forbidden.test(line))
          .map(({ line, at }) => `${at} ${line.trim().slice(0, 120)}`),
      )
    assert.deepEqual(wrong, [])
  })
})
