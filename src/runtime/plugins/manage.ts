// Installing, linking and removing plugins: npm does the work, in a folder of our own.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { isProblem, type Problem, ProblemError } from '../../contract/problem.ts'
import { buildProblem, commandsOf, contractProblem, factsOf, type PluginFacts, plugins } from './catalogue.ts'
import { installed, linked, pluginsFolder } from './places.ts'

const problem = (code: string, message: string, hint: string): ProblemError =>
  new ProblemError({ code: `plugins/${code}`, message, hint })

/** Runs npm in the folder of plugins; what it says goes to stderr. */
async function npm(...words: readonly string[]): Promise<void> {
  const folder = pluginsFolder()
  mkdirSync(folder, { recursive: true })
  const project = join(folder, 'package.json')
  if (!existsSync(project)) writeFileSync(project, '{ "private": true, "dependencies": {} }\n')
  const args = [...words, '--prefix', folder, '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error']
  // npm chooses versions for the Node.js that runs it: that must be the one that runs the plugins.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }
  const child = spawn('npm', args, { stdio: ['ignore', 2, 2], env })
  const status = await new Promise<number | null>((done, fail) => {
    child.on('close', done)
    child.on('error', () =>
      fail(
        problem(
          'no-npm',
          'npm is not there, and plugins are installed by it',
          'install Node.js with npm, or link a folder: netally plugins link',
        ),
      ),
    )
  })
  if (status !== 0)
    throw problem('npm-failed', `npm ${words[0]} ended with status ${status}`, 'what npm said stands above')
}

/** Paths are those of the user's folder, not of the one that npm works in. */
function specOf(word: string): string {
  const path = word.replace(/^file:/, '')
  return existsSync(path) && /[/.]/.test(path) ? resolve(path) : word
}

const inFolder = (name: string): PluginFacts | undefined =>
  factsOf({ kind: 'installed', root: join(pluginsFolder(), 'node_modules', name) })

function notAPlugin(name: string): Problem {
  return {
    code: 'plugins/none',
    message: `${name} is a package, but no plugin of netally`,
    hint: 'its package.json needs "oclif" and "netally": { "contract": ... }; see docs/plugins.md',
  }
}

/** Installs packages: names with or without versions, tarballs, folders, addresses. What cannot be used is removed again. */
export async function install(words: readonly string[]): Promise<PluginFacts[]> {
  const before = installed()
  await npm('install', ...words.map(specOf))
  const after = installed()
  const names = Object.keys(after).filter(
    name => before[name] !== after[name] || words.some(word => word.startsWith(name)),
  )
  const found: PluginFacts[] = []
  for (const name of names) {
    const facts = inFolder(name)
    const wrong = facts ? contractProblem(facts) : notAPlugin(name)
    if (wrong) {
      await npm('uninstall', name)
      throw new ProblemError(wrong)
    }
    if (facts) found.push(facts)
  }
  return found
}

const saveLinks = (links: { [name: string]: string }): void => {
  mkdirSync(pluginsFolder(), { recursive: true })
  writeFileSync(join(pluginsFolder(), 'links.json'), `${JSON.stringify(links, null, 2)}\n`)
}

/** Uses the plugin in a folder as it is, now and after each change of it. */
export function link(folder: string): PluginFacts {
  const root = resolve(folder)
  const facts = factsOf({ kind: 'linked', root })
  if (!facts) {
    if (existsSync(join(root, 'package.json'))) throw new ProblemError(notAPlugin(root))
    throw problem('no-package', `${root} has no package.json`, 'name the folder of a plugin')
  }
  const wrong = contractProblem(facts)
  if (wrong) throw new ProblemError(wrong)
  const unbuilt = buildProblem(facts)
  if (unbuilt) throw new ProblemError(unbuilt)
  saveLinks({ ...linked(), [facts.name]: root })
  return facts
}

/** Removes a plugin that was installed or linked. */
export async function uninstall(name: string): Promise<void> {
  const links = linked()
  if (Object.hasOwn(links, name)) {
    const { [name]: _, ...rest } = links
    saveLinks(rest)
  } else if (Object.hasOwn(installed(), name)) await npm('uninstall', name)
  else throw problem('not-installed', `${name} is not installed`, 'netally plugins list shows what is')
}

export interface Listed {
  readonly name: string
  readonly version: string
  readonly kind: string
  readonly root: string
  readonly commands: readonly string[]
  /** Why it cannot be used. */
  readonly problem?: Problem
}

/** What there is. A plugin without a manifest is loaded to see its commands. */
export async function list(): Promise<Listed[]> {
  const all: Listed[] = []
  for (const facts of plugins()) {
    const { name, version, place } = facts
    const commands = await commandsOf(facts)
    const wrong = contractProblem(facts) ?? buildProblem(facts) ?? (isProblem(commands) ? commands : undefined)
    const names = isProblem(commands) ? [] : (commands as readonly string[])
    all.push({
      name,
      version,
      kind: place.kind,
      root: place.root,
      commands: names,
      ...(wrong ? { problem: wrong } : {}),
    })
  }
  return all
}
