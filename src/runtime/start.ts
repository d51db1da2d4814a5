// The program: a command of the core, or one of a plugin that is looked for only then.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execute } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { problemText } from './problem-log.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const COMMANDS = join(ROOT, 'dist', 'commands')
const WRONG_USAGE = 2

const isCore = (word: string): boolean =>
  existsSync(join(COMMANDS, `${word}.js`)) || (word !== 'help' && existsSync(join(COMMANDS, word)))

/** Words after which help lists all commands. */
const LISTS: ReadonlySet<string> = new Set(['help', '--help', '-h'])

async function pluginsFor(word: string, rest: readonly string[]) {
  const { allPlugins, missingPlugin, pluginWith } = await import('./plugins/catalogue.ts')
  if (LISTS.has(word) && (rest[0] === undefined || isCore(rest[0]))) return (await allPlugins()).usable
  const command = LISTS.has(word) ? (rest[0] as string) : word
  const plugin = await pluginWith(command)
  if (plugin) return [plugin]
  const missing = missingPlugin(command)
  if (missing) throw new ProblemError(missing)
  return []
}

async function loadOptions(argv: readonly string[]) {
  const [word = 'help', ...rest] = argv
  if (isCore(word) || (word.startsWith('-') && !LISTS.has(word))) return undefined
  const found = await pluginsFor(word, rest)
  if (found.length === 0) return undefined
  const { Plugin } = await import('@oclif/core')
  const core = new Plugin({ root: ROOT, type: 'core', isRoot: true })
  await core.load()
  return { root: ROOT, plugins: new Map([core, ...found].map(plugin => [plugin.name, plugin])) }
}

/** Runs the words of the command line. */
export async function start(argv: readonly string[]): Promise<void> {
  try {
    const options = await loadOptions(argv)
    await execute({ dir: ROOT, args: [...argv], ...(options ? { loadOptions: options } : {}) })
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    process.stderr.write(problemText(argv[0] ?? '', error.problem))
    process.exitCode = WRONG_USAGE
  }
}
