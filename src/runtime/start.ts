// The program: a command of the core, or one of a plugin that is looked for only then.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execute } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { problemText } from './problem-log.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const COMMANDS = join(ROOT, 'dist', 'commands')
const WRONG_USAGE = 2

const isCore = (word: string): boolean => existsSync(join(COMMANDS, `${word}.js`)) || existsSync(join(COMMANDS, word))

/** `netally help COMMAND` is `netally COMMAND --help`; nothing at all asks for help too. */
function withoutHelp([word, ...rest]: readonly string[]): readonly string[] {
  if (word === undefined || word === '-h') return ['--help']
  return word === 'help' ? [...rest, '--help'] : [word, ...rest]
}

async function pluginsFor(command: string) {
  const { allPlugins, missingPlugin, pluginWith } = await import('./plugins/catalogue.ts')
  // Help lists the commands of all.
  if (command === '--help') return (await allPlugins()).usable
  const plugin = await pluginWith(command)
  if (plugin) return [plugin]
  const missing = missingPlugin(command)
  if (missing) throw new ProblemError(missing)
  return []
}

async function loadOptions(argv: readonly string[]) {
  const [word = ''] = argv
  if (isCore(word) || (word.startsWith('-') && word !== '--help')) return undefined
  const found = await pluginsFor(word)
  if (found.length === 0) return undefined
  const { Plugin } = await import('@oclif/core')
  const core = new Plugin({ root: ROOT, type: 'core', isRoot: true })
  await core.load()
  return { root: ROOT, plugins: new Map([core, ...found].map(plugin => [plugin.name, plugin])) }
}

/** Runs the words of the command line. */
export async function start(words: readonly string[]): Promise<void> {
  const argv = withoutHelp(words)
  try {
    const options = await loadOptions(argv)
    await execute({ dir: ROOT, args: [...argv], ...(options ? { loadOptions: options } : {}) })
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    process.stderr.write(problemText(argv[0] ?? '', error.problem))
    process.exitCode = WRONG_USAGE
  }
}
