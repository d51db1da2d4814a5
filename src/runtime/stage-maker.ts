// Words to stages through oclif's registry: what a plugin brings is fused as our own is.
import type { Interfaces } from '@oclif/core'
import { CONTRACT_VERSION } from '../contract/component.ts'
import { ProblemError } from '../contract/problem.ts'
import { usageProblem } from './base-command.ts'
import type { ComponentCommand } from './command.ts'
import type { MakeStage } from './fuse.ts'
import type { StageHost } from './host.ts'

const isComponent = (loaded: unknown): loaded is ComponentCommand =>
  typeof loaded === 'function' && 'makeStage' in loaded && 'contract' in loaded

/** Makes stages with the commands of this configuration. */
export function stageMaker(config: Interfaces.Config, makeHost: (stage: string) => StageHost): MakeStage {
  return async words => {
    const [name = '', ...argv] = words
    const command = config.findCommand(name)
    if (!command) return { kind: 'external', words, host: makeHost(name) }
    const loaded: unknown = await command.load()
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
