// What the commands of `netally plugins` share: a problem is told in two lines.
import { ProblemError } from '../../contract/problem.ts'
import { NetallyCommand } from '../base-command.ts'
import { problemText } from '../problem-log.ts'

const FAILED = 1

export abstract class ManageCommand extends NetallyCommand {
  protected override async catch(error: Error): Promise<void> {
    if (!(error instanceof ProblemError)) return super.catch(error)
    process.stderr.write(problemText((this.id ?? '').replace(':', ' '), error.problem))
    process.exitCode = FAILED
  }
}
