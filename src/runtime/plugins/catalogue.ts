// Finds the plugin that has a command. Nothing of this is loaded for a command of the core.
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Plugin } from '@oclif/core'
import { CONTRACT_VERSION } from '../../contract/component.ts'
import { isProblem, orThrow, type Problem, ProblemError } from '../../contract/problem.ts'
import { problemText } from '../problem-log.ts'
import { KNOWN_COMMANDS } from './known.ts'
import { type Place, PREFIX, places, ROOT, readJson } from './places.ts'

/** What a plugin's package.json says of it. */
export interface PluginFacts {
  readonly place: Place
  readonly name: string
  readonly version: string
  /** Contract that it was written for; undefined when it does not say. */
  readonly contract: number | undefined
}

let isHooked = false

/** From now on `import 'netally'` is this netally, wherever the plugin is and whatever its node_modules hold. */
function bindNetally(): void {
  if (isHooked) return
  isHooked = true
  const url = pathToFileURL(join(ROOT, 'dist', 'index.js')).href
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'netally' ? { url, format: 'module', shortCircuit: true } : next(specifier, context),
  })
}

/** The facts of the package in a folder; undefined when it is no plugin of netally. */
export function factsOf(place: Place): PluginFacts | undefined {
  const { name, version, netally, oclif } = readJson(join(place.root, 'package.json')) ?? {}
  if (typeof name !== 'string' || typeof oclif !== 'object') return undefined
  const contract = (netally as { contract?: unknown } | undefined)?.contract
  return {
    place,
    name,
    version: String(version ?? '0.0.0'),
    contract: typeof contract === 'number' ? contract : undefined,
  }
}

/** Why a plugin cannot be used with this netally; undefined when it can. */
export function contractProblem({ name, version, contract }: PluginFacts): Problem | undefined {
  if (contract === CONTRACT_VERSION) return undefined
  if (contract === undefined) {
    return {
      code: 'plugins/no-contract',
      message: `${name} ${version} does not say which contract of netally it was built for`,
      hint: `its package.json needs "netally": { "contract": ${CONTRACT_VERSION} }`,
    }
  }
  const newer = contract > CONTRACT_VERSION
  return {
    code: 'plugins/other-contract',
    message: `${name} ${version} was built for contract ${contract}, this netally has contract ${CONTRACT_VERSION}`,
    hint: newer ? 'upgrade netally' : `upgrade the plugin: netally plugins install ${name}@latest`,
  }
}

/** Its code is not there: a folder of a repository that was not compiled. */
export function buildProblem({ place, name }: PluginFacts): Problem | undefined {
  const { oclif } = readJson(join(place.root, 'package.json')) ?? {}
  const target = (oclif as { commands?: { target?: string } } | undefined)?.commands?.target
  if (typeof target !== 'string' || existsSync(join(place.root, target))) return undefined
  return {
    code: 'plugins/not-built',
    message: `${name} is not built: there is no ${target} in ${place.root}`,
    hint: 'build it: npm install && npm run build, in its folder; in the repository of netally, npm run build at the top',
  }
}

/** The plugin, or why it cannot be used. */
async function load(facts: PluginFacts): Promise<Plugin | Problem> {
  const problem = contractProblem(facts) ?? buildProblem(facts)
  if (problem) return problem
  bindNetally()
  try {
    const plugin = new Plugin({ root: facts.place.root, type: 'user' })
    await plugin.load()
    return plugin
  } catch (error) {
    return {
      code: 'plugins/not-loadable',
      message: `${facts.name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      hint: `it is in ${facts.place.root}: build it again, or remove it`,
    }
  }
}

/** Names of commands without loading the plugin, where it has a manifest; else it is loaded, or is no use. */
export async function commandsOf(facts: PluginFacts): Promise<readonly string[] | Problem> {
  const manifest = readJson(join(facts.place.root, 'oclif.manifest.json'))
  if (manifest) return Object.keys(manifest.commands as object)
  if (contractProblem(facts)) return []
  const plugin = await load(facts)
  return isProblem(plugin) ? plugin : (plugin as Plugin).commandIDs
}

const told = new Set<string>()

/** Says once what is wrong with a plugin, where others may do. */
function tell(problem: Problem): void {
  if (told.has(problem.message)) return
  told.add(problem.message)
  process.stderr.write(problemText('plugins', problem))
}

/** All plugins, each name once: the first place wins. */
export function plugins(): PluginFacts[] {
  const found = new Map<string, PluginFacts>()
  for (const place of places()) {
    const facts = factsOf(place)
    if (facts && !found.has(facts.name)) found.set(facts.name, facts)
  }
  return [...found.values()]
}

/** A plugin that is called like the command is looked at first. */
const likely = (command: string) => (facts: PluginFacts) =>
  facts.name === `${PREFIX}${command}` || basename(facts.place.root) === command ? 0 : 1

/**
 * The plugin that has a command, loaded; undefined when none has. Throws a ProblemError when it has one and cannot be used;
 * what cannot even be asked is told, and the others are asked.
 */
export async function pluginWith(command: string): Promise<Plugin | undefined> {
  const rank = likely(command)
  for (const facts of plugins().sort((a, b) => rank(a) - rank(b))) {
    const commands = await commandsOf(facts)
    if (isProblem(commands)) {
      if (rank(facts) === 0) throw new ProblemError(commands)
      tell(commands)
    } else if ((commands as readonly string[]).includes(command)) return orThrow(await load(facts)) as Plugin
  }
  return undefined
}

/** A file of a package, which is no command of its own. Throws a ProblemError when the package is not there. */
export async function pluginModule<Module>(name: string, file: string): Promise<Module> {
  const facts = plugins().find(one => one.name === name)
  const problem = facts
    ? contractProblem(facts)
    : {
        code: 'usage/plugin-not-installed',
        message: `this needs ${name}, which is not installed`,
        hint: `netally plugins install ${name}`,
      }
  if (!facts || problem) throw new ProblemError(problem as Problem)
  bindNetally()
  return (await import(pathToFileURL(join(facts.place.root, 'dist', file)).href)) as Module
}

/** Every plugin that can be used, loaded; what is wrong with the others. */
export async function allPlugins(): Promise<{ usable: Plugin[]; problems: Problem[] }> {
  const usable: Plugin[] = []
  const problems: Problem[] = []
  for (const facts of plugins()) {
    const plugin = await load(facts)
    if (isProblem(plugin)) problems.push(plugin)
    else usable.push(plugin as Plugin)
  }
  return { usable, problems }
}

/** For a command that nobody has: where it can be had. */
export function missingPlugin(command: string): Problem | undefined {
  const name = Object.hasOwn(KNOWN_COMMANDS, command) ? KNOWN_COMMANDS[command] : undefined
  if (name === undefined) return undefined
  return {
    code: 'usage/plugin-not-installed',
    message: `${command} is in ${name}, which is not installed`,
    hint: `netally plugins install ${name}`,
  }
}
