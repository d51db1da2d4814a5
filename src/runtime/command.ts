// A component becomes an oclif command: static flags and help, and one call that runs it as a process of a pipe.
// The same class tells `run` how to make the component as a stage of a fused line.
import { Args, type Command, type Config, Flags, type Interfaces, Parser } from '@oclif/core'
import { CONTRACT_VERSION, type Needs, type Operator, type Sink, type Source } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { ProblemError } from '../contract/problem.ts'
import type { Stream } from '../contract/record.ts'
import { NetallyCommand } from './base-command.ts'
import type { StageHost } from './host.ts'
import type { ParsedOptions } from './parsed.ts'
import { runStage, type Stage } from './pipeline.ts'
import { PRESENTATION_FLAGS, presentationOptions } from './presentation-flags.ts'
import { session } from './session.ts'
import type { OperatorInWorkers, SourceInWorkers } from './workers/in-workers.ts'
import type { StageOrigin } from './workers/messages.ts'

type FlagInput = Interfaces.FlagInput
type ArgInput = Interfaces.ArgInput

export type { ParsedOptions }

export type Kind = 'source' | 'operator' | 'sink'

interface Described {
  readonly summary: string
  readonly description?: string
  /** Example lines, with what they do. */
  readonly examples?: readonly string[]
  readonly flags: FlagInput
  readonly args?: ArgInput
  /** Flags that name maps: a file that changed is read again, as on SIGHUP. */
  readonly followed?: readonly string[]
}

/** Reads maps and checks options before anything runs; may throw ProblemError. */
type Prepare<Options> = (parsed: ParsedOptions, host: Host) => Options | Promise<Options>

export interface SourceDefinition<Options> extends Described {
  prepare: Prepare<Options>
  open(options: Options, host: Host, wanted: Needs): Stream
  /** How it is shared out among threads; undefined where it is not. */
  inWorkers?(options: Options): SourceInWorkers | undefined
}
export interface OperatorDefinition<Options> extends Described {
  prepare: Prepare<Options>
  needs?(options: Options, wanted: Needs): Needs
  apply(input: Stream, options: Options, host: Host, wanted: Needs): Stream
  /** What it may do in each of several threads that have a share of the source. Without it: nothing. */
  inWorkers?(options: Options): OperatorInWorkers
  /** Fields of what it writes, where it chooses them; --compat fills those that a record lacks. */
  outputs?(options: Options): readonly string[]
  /** What people see instead of NDJSON where standard output is a terminal, unless they say --json. */
  terminal?(stream: Stream): AsyncIterable<string>
  /** What is written instead of NDJSON wherever standard output goes; false: NDJSON on a terminal too. */
  text?(options: Options): ((stream: Stream) => AsyncIterable<string>) | false | undefined
}
export interface SinkDefinition<Options> extends Described {
  prepare: Prepare<Options>
  needs?(options: Options): Needs
  drain(input: Stream, options: Options, host: Host): Promise<void>
}

/** What `run` looks for on a command class; data, never instanceof, because a plugin may carry its own netally. */
export interface ComponentCommand {
  new (argv: string[], config: Config): Command
  readonly contract: number
  readonly kind: Kind
  makeStage(argv: string[], makeHost: (stage: string) => StageHost, name: string): Promise<Stage>
  /** The same of flags that were parsed already. */
  stageOf(options: ParsedOptions, host: StageHost): Promise<Stage>
}

/** Flags of every command that runs. */
export const SESSION_FLAGS = {
  stats: Flags.boolean({ summary: 'print all counters as one JSON line on stderr at the end', helpGroup: 'COUNTERS' }),
  ledger: Flags.directory({
    summary: 'keep the counters in files of this folder',
    helpValue: 'DIR',
    helpGroup: 'COUNTERS',
  }),
  metrics: Flags.string({
    summary: 'serve the counters for Prometheus at [ADDRESS:]PORT, loopback by default',
    helpValue: 'ADDRESS',
    helpGroup: 'COUNTERS',
  }),
  strict: Flags.boolean({ summary: 'end at the first bad input, with status 1', helpGroup: 'COUNTERS' }),
}

const REPLAY_FLAG = {
  replay: Flags.boolean({
    summary: 'the input is a replay: its silence does not move the clock',
    helpGroup: 'COUNTERS',
  }),
}

/** oclif takes standard input for an argument that is not given; here standard input is always records. */
export const withoutStdin = (args: ArgInput): ArgInput =>
  Object.fromEntries(Object.entries(args).map(([name, arg]) => [name, { ...arg, ignoreStdin: true }]))

const ofTheProcess = (name: string, flag: string): ProblemError =>
  new ProblemError({
    code: 'usage/flag-of-run',
    message: `${name}: --${flag} is of the whole process, not of one stage`,
    hint: `netally run --${flag} ... 'LINE'`,
  })

/** Prepares the options, and follows the files that are maps. */
async function prepared(
  { prepare, followed }: Described & { prepare: Prepare<unknown> },
  options: ParsedOptions,
  host: StageHost,
): Promise<unknown> {
  for (const flag of followed ?? []) {
    for (const path of [options[flag]].flat()) if (typeof path === 'string') await host.follow(path)
  }
  return prepare(options, host)
}

type Bind = (options: unknown, host: StageHost, origin: StageOrigin) => Stage

/** The one place where a component's types are forgotten: its flags were checked where it is defined. */
function makeCommand(kind: Kind, definition: Described & { prepare: Prepare<unknown> }, bind: Bind): ComponentCommand {
  const flags: FlagInput = {
    ...definition.flags,
    ...(kind === 'sink' ? {} : PRESENTATION_FLAGS),
    ...SESSION_FLAGS,
    ...(kind === 'source' ? {} : REPLAY_FLAG),
  }
  const args = withoutStdin(definition.args ?? {})

  async function makeStage(argv: string[], makeHost: (stage: string) => StageHost, name: string): Promise<Stage> {
    const parsed = await Parser.parse(argv, { flags, args, strict: true })
    const options: ParsedOptions = { ...parsed.args, ...parsed.flags }
    const host = makeHost(name)
    host.printsStats = options.stats === true
    for (const flag of ['ledger', 'metrics']) if (options[flag] !== undefined) throw ofTheProcess(name, flag)
    return stageOf(options, host)
  }

  async function stageOf(options: ParsedOptions, host: StageHost): Promise<Stage> {
    host.strict = options.strict === true
    const origin = { command: host.command, parsed: options }
    return bind(await prepared(definition, options, host), host, origin)
  }

  return class extends NetallyCommand {
    static override summary = definition.summary
    static override description = definition.description ?? ''
    static override examples = [...(definition.examples ?? [])]
    static override flags = flags
    static override args = args
    static readonly contract = CONTRACT_VERSION
    static readonly kind = kind
    static readonly makeStage = makeStage
    static readonly stageOf = stageOf

    async run(): Promise<void> {
      const parsed = await this.parse({ flags, args, strict: true })
      const options: ParsedOptions = { ...parsed.args, ...parsed.flags }
      const name = this.id ?? kind
      const status = await session(name, options, async makeHost => {
        const stage = await stageOf(options, makeHost(name))
        await runStage(stage, options.replay !== true, this.config.root)
      })
      process.exitCode = status
      // What a component left open (a socket, a timer) must not keep a finished command alive.
      setImmediate(() => process.exit(status))
    }
  }
}

export function sourceCommand<Options>(definition: SourceDefinition<Options>): ComponentCommand {
  const component = { open: definition.open } as Source<unknown>
  return makeCommand('source', definition, (options, host, origin) => ({
    kind: 'source',
    component,
    options,
    host,
    origin,
    inWorkers: definition.inWorkers?.(options as Options),
    presentation: presentationOptions(origin.parsed),
  }))
}

export function operatorCommand<Options>(definition: OperatorDefinition<Options>): ComponentCommand {
  const { needs, apply, outputs, terminal, text, inWorkers } = definition
  const component = (needs ? { needs, apply } : { apply }) as Operator<unknown>
  return makeCommand('operator', definition, (options, host, origin) => {
    const { parsed } = origin
    const presentation = presentationOptions(parsed)
    const fields = presentation.compat ? (presentation.fields ?? outputs?.(options as Options)) : presentation.fields
    const chosen = parsed.json === true ? false : text?.(options as Options)
    const views = chosen === undefined ? { terminal } : { text: chosen || undefined }
    return {
      kind: 'operator',
      component,
      options,
      host,
      origin,
      inWorkers: inWorkers?.(options as Options),
      presentation: { ...presentation, fields },
      ...views,
    }
  })
}

export function sinkCommand<Options>(definition: SinkDefinition<Options>): ComponentCommand {
  const { needs, drain } = definition
  const component = (needs ? { needs, drain } : { drain }) as Sink<unknown>
  return makeCommand('sink', definition, (options, host, origin) => ({
    kind: 'sink',
    component,
    options,
    host,
    origin,
    presentation: {},
  }))
}

export { Args, Flags }
