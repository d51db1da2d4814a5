// Words to stages through oclif's registry: what a plugin brings is fused as our own is.
import type { Interfaces } from '@oclif/core'
import { CONTRACT_VERSION } from '../contract/component.ts'
import { ProblemError } from '../contract/problem.ts'
import { usageProblem } from './base-command.ts'
import type { ComponentCommand } from './command.ts'
import type { MakeStage } from './fuse.ts'
import type { StageHost } from './host.ts'

const COMMAND_NAME = /^[a-z][a-z0-9-]*$/

const isComponent = (loaded: unknown): loaded is ComponentCommand =>
  typeof loaded === 'function' && 'makeStage' in loaded && 'contract' in loaded

/** A command of a plugin; nothing when it is a program of the system, or not there. */
async function pluginCommand(name: string): Promise<unknown> {
  if (!COMMAND_NAME.test(name)) return undefined
  const { pluginWith, missingPlugin } = await import('./plugins/catalogue.ts')
  const plugin = await pluginWith(name)
  if (plugin) return plugin.findCommand(name, { must: true })
  const missing = missingPlugin(name)
  if (missing) throw new ProblemError(missing)
  return undefined
}

/** Makes stages with the commands of this configuration. */
export function stageMaker(config: Interfaces.Config, makeHost: (stage: string) => StageHost): MakeStage {
  return async words => {
    const [name = '', ...argv] = words
    const loaded: unknown = await (config.findCommand(name)?.load() ?? pluginCommand(name))
    if (!loaded) return { kind: 'external', words, host: makeHost(name) }
    if (!isComponent(loaded)) {
      throw new ProblemError({
        code: 'usage/not-a-component',
        message: `"${name}" is a command, but not one that can stand in a line of run`,
        hint: `run it by itself; if a plugin brings it, look for a version for contract ${CONTRACT_VERSION}`,
      })
    }
    if (loaded.contract !== CONTRACT_VERSION) {
      throw new ProblemError({
        code: 'usage/other-contract',
        message: `"${name}" was built for contract ${loaded.contract}, this netally has contract ${CONTRACT_VERSION}`,
        hint: loaded.contract < CONTRACT_VERSION ? 'upgrade the plugin that brings it' : 'upgrade netally',
      })
    }
    try {
      return await loaded.makeStage(argv, makeHost, name)
    } catch (error) {
      const problem = usageProblem(error, name)
      throw problem ? new ProblemError({ ...problem, message: `${name}: ${problem.message}` }) : error
    }
  }
}
