// What all commands of netally share: wrong usage is told in two lines, with exit status 2.
import { Command, Errors } from '@oclif/core'
import type { Problem } from '../contract/problem.ts'
import { problemText } from './problem-log.ts'

const WRONG_USAGE = 2

/** oclif's parse errors carry what was parsed; its other errors do not. */
const isUsageError = (error: Error): boolean =>
  error instanceof Errors.CLIError && ('parse' in error || error.oclif.exit === WRONG_USAGE)

/** Wrong flags or arguments of a command as a Problem; undefined when the error is something else. */
export function usageProblem(error: unknown, command: string): Problem | undefined {
  if (!(error instanceof Error) || !isUsageError(error)) return undefined
  return {
    code: 'usage/wrong',
    message: error.message.replace(/\n?See more help with --help$/, ''),
    hint: `netally ${command} --help lists its flags and arguments`,
  }
}

export abstract class NetallyCommand extends Command {
  protected override async catch(error: Error): Promise<void> {
    const name = this.id ?? ''
    const problem = usageProblem(error, name)
    if (!problem) throw error
    process.stderr.write(problemText(name, problem))
    process.exitCode = WRONG_USAGE
  }
}
