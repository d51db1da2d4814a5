// What all commands of netally share: wrong usage is told in two lines, with exit status 2.
import { Command, Errors } from '@oclif/core'
import { problemText } from './problem-log.ts'

const WRONG_USAGE = 2

/** oclif's parse errors carry what was parsed; its other errors do not. */
const isUsageError = (error: Error): boolean =>
  error instanceof Errors.CLIError && ('parse' in error || error.oclif.exit === WRONG_USAGE)

export abstract class NetallyCommand extends Command {
  protected override async catch(error: Error): Promise<void> {
    if (!isUsageError(error)) throw error
    const message = error.message.replace(/\n?See more help with --help$/, '')
    const name = this.id ?? ''
    process.stderr.write(
      problemText(name, { code: 'usage/wrong', message, hint: `netally ${name} --help lists its flags and arguments` }),
    )
    process.exitCode = WRONG_USAGE
  }
}
