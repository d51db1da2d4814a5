import { readFile } from 'node:fs/promises'
import { Args, Flags } from '@oclif/core'
import { orThrow, ProblemError } from '../contract/problem.ts'
import { NetallyCommand } from '../runtime/base-command.ts'
import { SESSION_FLAGS } from '../runtime/command.ts'
import { fuse } from '../runtime/fuse.ts'
import { parseLine } from '../runtime/line.ts'
import { session } from '../runtime/session.ts'
import { stageMaker } from '../runtime/stage-maker.ts'

async function readPipeline(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ProblemError({
      code: 'usage/no-pipeline',
      message: `cannot read the pipeline: ${reason}`,
      hint: 'check the path after -f',
    })
  }
}

export default class Run extends NetallyCommand {
  static override summary = 'run a line of commands in one process'
  static override description =
    `The same commands, output and counters as the shell's pipe, without text between them. NAME = ... names a stream that
several lines read (decoded once); lines are separated by ; or line ends. Programs that are no netally command are run as they are.
A line that fails is told at once, and the others go on without it (with --strict they end too); the status at the end is not 0 then.`
  static override examples = [
    "netally run 'flow-recv --pcap flows.pcap | aggregate --by src_as,dst_as | dump --format table'",
    'netally run \'f = flow-recv --listen :2055; f | aggregate --by src_as --bin 5m; f | filter "port 53" | dump --file dns.ndjson\'',
    'netally run -f pipeline.netally',
  ]
  static override args = {
    // Standard input is records, never the line.
    line: Args.string({ description: 'the line, as one argument', ignoreStdin: true }),
  }
  static override flags = {
    file: Flags.string({ char: 'f', summary: 'read the line or lines from a file', helpValue: 'FILE' }),
    replay: Flags.boolean({ summary: 'standard input is a replay: its silence does not move the clock' }),
    ...SESSION_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Run)
    const status = await session('run', flags, async (makeHost, tell) => {
      const text = flags.file === undefined ? (args.line ?? '') : await readPipeline(flags.file)
      const make = stageMaker(this.config, makeHost)
      await fuse(orThrow(parseLine(text)), make, { heartbeat: !flags.replay, root: this.config.root, tell })
    })
    process.exitCode = status
    setImmediate(() => process.exit(status))
  }
}
