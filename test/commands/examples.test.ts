// What help and documentation show can be typed: every command and every flag of their lines is there.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { parse } from '../../src/filter/parse.ts'
import { REPOSITORY } from '../support/cli.ts'

interface Command {
  readonly flags: {
    readonly [name: string]: {
      readonly char?: string
      readonly allowNo?: boolean
      readonly aliases?: readonly string[]
    }
  }
  readonly examples?: readonly string[]
}

const manifestFiles = ['oclif.manifest.json', ...globSync('plugins/*/oclif.manifest.json', { cwd: REPOSITORY })]
const commands = new Map<string, Command>(
  manifestFiles.flatMap(file => {
    const { commands } = JSON.parse(readFileSync(join(REPOSITORY, file), 'utf8')) as {
      commands: { [id: string]: Command }
    }
    return Object.entries(commands).map(([id, command]) => [id.replaceAll(':', ' '), command] as const)
  }),
)

/** Words that are flags of a command. */
function knownFlags({ flags }: Command): Set<string> {
  return new Set([
    '--help',
    ...Object.entries(flags).flatMap(([name, { char, allowNo, aliases = [] }]) => [
      `--${name}`,
      ...aliases.map(alias => `--${alias}`),
      ...(char ? [`-${char}`] : []),
      ...(allowNo ? [`--no-${name}`] : []),
    ]),
  ])
}

/** Texts in quotes are arguments, unless they are a line of `run`. */
function withoutQuoted(text: string): string {
  return text.replace(/'[^']*'|"[^"]*"/g, quoted =>
    /\|/.test(quoted) && /^.\s*(\w+ = )?[a-z]+-[a-z]/.test(quoted)
      ? ` | ${quoted.slice(1, -1).replaceAll('\n', ';')} | `
      : ' QUOTED ',
  )
}

/** Each stage of the lines of a text: the command, and its flags. */
function* stages(text: string): Generator<{ readonly name: string; readonly flags: string[] }> {
  for (const part of withoutQuoted(text).split(/[|;)]|[<>]\(|&&|\n(?!\s)/)) {
    const words = part.trim().split(/\s+/)
    while (
      /^(\$|netally|npx|\w+=\S*|\w+|=)$/.test(words[0] ?? '') &&
      !commands.has(words[0] as string) &&
      words.length > 1
    )
      words.shift()
    const name = [`${words[0]} ${words[1]}`, words[0] as string].find(word => commands.has(word))
    if (name !== undefined)
      yield { name, flags: words.filter(word => /^--?[a-z]/.test(word)).map(word => word.split('=')[0] as string) }
  }
}

function check(where: string, text: string): number {
  let seen = 0
  for (const { name, flags } of stages(text)) {
    const known = knownFlags(commands.get(name) as Command)
    for (const flag of flags) {
      seen++
      // `-vn` and the like are short flags together; a short one may have its value behind it.
      assert.ok(
        known.has(flag) || (/^-[a-z]/.test(flag) && known.has(flag.slice(0, 2))),
        `${where}: ${name} has no ${flag}`,
      )
    }
  }
  for (const [, quoted] of text.matchAll(/netally filter ('[^']*'|"[^"]*")/g)) {
    const parsed = parse((quoted as string).slice(1, -1))
    assert.ok(!isProblem(parsed), `${where}: filter ${quoted}: ${isProblem(parsed) ? parsed.message : ''}`)
  }
  return seen
}

test('the examples of all commands', () => {
  let seen = 0
  for (const [id, { examples = [] }] of commands) {
    for (const example of examples)
      seen += check(`netally ${id} --help`, example.replaceAll('<%= config.bin %>', 'netally'))
  }
  assert.ok(seen > 100, `only ${seen} flags were seen`)
})

test('the lines of the documentation', () => {
  let seen = 0
  for (const file of [
    'README.md',
    ...globSync(['docs/*.md', 'examples/**/*.{md,netally}', 'CONTRIBUTING.md'], { cwd: REPOSITORY }),
  ]) {
    const text = readFileSync(join(REPOSITORY, file), 'utf8')
    for (const block of text.matchAll(/```(?:console|sh|bash)?\n([\s\S]*?)```|^( {4}netally .*(?:\n {4,}.*)*)$/gm)) {
      seen += check(file, block[1] ?? block[2]?.replace(/^ {4}/gm, '') ?? '')
    }
  }
  assert.ok(seen > 100, `only ${seen} flags were seen`)
})
