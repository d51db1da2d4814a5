// `run`: statements to streams in one process. A named stream is decoded once and read by many branches.
import { ALL_FIELDS, type Needs } from '../contract/component.ts'
import { union } from '../contract/needs.ts'
import { ProblemError } from '../contract/problem.ts'
import type { Stream } from '../contract/record.ts'
import { broadcast } from '../stream/broadcast.ts'
import { leave, withInputs } from '../stream/leave.ts'
import { external } from './external.ts'
import { thrownBy } from './failures.ts'
import type { StageHost } from './host.ts'
import type { StageWords, Statement } from './line.ts'
import { counted, drain, needsOf, open, type Stage, standardStream, toStandardOutput } from './pipeline.ts'
import { presentation } from './presentation.ts'
import type { TellFailure } from './session.ts'
import { isSideInput } from './side-input.ts'
import type { WorkerPlan } from './workers/plan.ts'

/** A stage of the line: a component of netally, or a program of the system. */
export type FusedStage = Stage | { readonly kind: 'external'; readonly words: StageWords; readonly host: StageHost }

/** Makes stages of words; undefined when the first word is no command of netally. */
export type MakeStage = (words: StageWords) => Promise<FusedStage>

export interface FuseOptions {
  readonly heartbeat: boolean
  /** The package's folder. */
  readonly root: string
  readonly tell: TellFailure
}

interface Branch {
  readonly statement: Statement
  /** The named stream that it starts from; undefined = a source, or standard input. */
  readonly from: string | undefined
  readonly stages: readonly FusedStage[]
}

const problem = (code: string, message: string, hint: string): ProblemError => new ProblemError({ code, message, hint })

function checkOrder(stages: readonly FusedStage[], { from, statement }: Omit<Branch, 'stages'>): void {
  stages.forEach((stage, index) => {
    if (stage.kind === 'external' && stage.words.some(isSideInput)) {
      throw problem(
        'usage/side-of-program',
        `line ${statement.line}: ${stage.words[0]} is no netally command and cannot read <( )`,
        'put the program into a script, or run the line in the shell',
      )
    }
    const name = statement.stages[index + (from ? 1 : 0)]?.[0]
    if (stage.kind === 'source' && (index > 0 || from)) {
      throw problem(
        'usage/source-inside',
        `line ${statement.line}: ${name} is a source and reads no records`,
        'put it first',
      )
    }
    if (stage.kind === 'sink' && index < stages.length - 1) {
      throw problem(
        'usage/sink-inside',
        `line ${statement.line}: ${name} is a sink and gives no records`,
        'put it last, or name the stream before it and read it twice',
      )
    }
  })
  if (statement.name && isSideInput(statement.name) && stages.at(-1)?.kind === 'sink') {
    throw problem(
      'usage/side-sink',
      `line ${statement.line}: <( ) ends in a sink and gives no records`,
      'end it in a source or an operator',
    )
  }
  if (statement.name && stages.at(-1)?.kind === 'sink') {
    throw problem(
      'usage/named-sink',
      `line ${statement.line}: "${statement.name}" ends in a sink and gives nothing to name`,
      'leave out the name',
    )
  }
}

async function makeBranches(statements: readonly Statement[], make: MakeStage): Promise<Branch[]> {
  const names = new Set<string>()
  const branches: Branch[] = []
  for (const statement of statements) {
    const first = statement.stages[0] as StageWords
    const from = first.length === 1 && names.has(first[0] as string) ? first[0] : undefined
    const stages: FusedStage[] = []
    for (const words of from ? statement.stages.slice(1) : statement.stages) stages.push(await make(words))
    const branch = { statement, from, stages }
    checkOrder(stages, branch)
    branches.push(branch)
    if (statement.name) {
      if (names.has(statement.name)) {
        throw problem(
          'usage/name-twice',
          `line ${statement.line}: "${statement.name}" is named twice`,
          'choose another name',
        )
      }
      names.add(statement.name)
    }
  }
  for (const name of names) {
    if (!isSideInput(name) && !branches.some(({ from }) => from === name)) {
      throw problem(
        'usage/name-unused',
        `"${name}" is named but never read`,
        `add a line that starts with ${name} |, or leave out the name`,
      )
    }
  }
  return branches
}

const stageNeeds = (stage: FusedStage, wanted: Needs): Needs =>
  stage.kind === 'external' ? ALL_FIELDS : needsOf(stage, presented(stage, wanted))

/** What a stage that presents its output (--fields, --compat) must have for it. */
function presented(stage: FusedStage, wanted: Needs): Needs {
  if (stage.kind === 'external') return wanted
  const { fields } = stage.presentation
  return fields ? { fields, rest: false } : wanted
}

class Fuse {
  readonly #branches: readonly Branch[]
  readonly #options: FuseOptions
  readonly #streams = new Map<string, Stream[]>()
  /** Side inputs, by the word that stands for them. */
  readonly #sides = new Map<string, Stream>()
  #standardInputTaken = false

  constructor(branches: readonly Branch[], options: FuseOptions) {
    this.#branches = branches
    this.#options = options
  }

  #readers(name: string): Branch[] {
    return this.#branches.filter(({ from }) => from === name)
  }

  /** What is wanted of the output of a branch. */
  #wanted(branch: Branch): Needs {
    const { name } = branch.statement
    const readers = name === undefined ? [] : this.#readers(name)
    if (readers.length === 0) return ALL_FIELDS
    return readers.map(reader => this.#needs(reader, reader.stages)).reduce(union)
  }

  /** What stages need of what goes into them. */
  #needs(branch: Branch, stages: readonly FusedStage[]): Needs {
    return stages.reduceRight((wanted, stage) => stageNeeds(stage, wanted), this.#wanted(branch))
  }

  #input(branch: Branch): Stream | undefined {
    const [first] = branch.stages
    if (branch.from !== undefined) return this.#streams.get(branch.from)?.shift()
    if (first === undefined || first.kind === 'source') return undefined
    if (this.#standardInputTaken) {
      throw problem(
        'usage/two-inputs',
        `line ${branch.statement.line}: two lines read standard input`,
        'name the first and read it twice',
      )
    }
    // A program that stands first makes records of its own.
    if (first.kind === 'external') return undefined
    this.#standardInputTaken = true
    return standardStream(first.host, this.#options.heartbeat)
  }

  /** How much of a branch runs in workers. */
  async #inWorkers(branch: Branch): Promise<WorkerPlan | undefined> {
    const [first] = branch.stages
    if (first?.kind !== 'source' || !first.inWorkers) return undefined
    const { planWorkers } = await import('./workers/plan.ts')
    const wantedAfter = (taken: number) => this.#needs(branch, branch.stages.slice(taken))
    return planWorkers(branch.stages, wantedAfter, branch.statement.name !== undefined, this.#options.root)
  }

  #chain(branch: Branch, plan: WorkerPlan | undefined): Stream | undefined {
    const input = plan ? plan.stream() : this.#input(branch)
    let stream = input
    branch.stages.forEach((stage, index) => {
      if (stage.kind === 'sink' || index < (plan?.taken ?? 0)) return
      const wanted = presented(stage, this.#needs(branch, branch.stages.slice(index + 1)))
      const last = index === branch.stages.length - 1
      // Whoever writes to standard output counts what is written.
      const countsOut = !(last && branch.statement.name === undefined)
      if (stage.kind === 'external') {
        const given = stream && counted(stream, stage.host, 'in')
        const made = external(given, stage.words, stage.host)
        stream = countsOut ? counted(made, stage.host, 'out') : made
      } else {
        const made = open(stage, stream, wanted, countsOut)
        stream = countsOut ? presentation(made, stage.presentation) : made
      }
    })
    const inputs = [...(input && input !== stream ? [input] : []), ...this.#sidesOf(branch)]
    return stream && inputs.length > 0 ? withInputs(stream, inputs) : stream
  }

  /** Side inputs that stages of a branch read. */
  #sidesOf({ statement }: Branch): Stream[] {
    const words = statement.stages.flat()
    return [...this.#sides].filter(([name]) => words.some(word => word.endsWith(name))).map(([, stream]) => stream)
  }

  #end(branch: Branch, stream: Stream): Promise<void> {
    const last = branch.stages.at(-1) as FusedStage
    if (last.kind === 'sink') return drain(last, stream)
    if (last.kind === 'external') {
      const { host } = last
      return toStandardOutput({ host, presentation: {}, kind: 'source' } as Stage, stream)
    }
    return toStandardOutput(last, stream)
  }

  /** A named stream goes to the branches that start from it; a side input to the stage that has its name among its words. */
  #share(name: string, stream: Stream): void {
    const readers = this.#readers(name).length
    if (readers > 0) this.#streams.set(name, broadcast(stream, readers))
    else {
      this.#sides.set(name, stream)
      for (const { stages } of this.#branches) for (const { host } of stages) host.sides.set(name, stream)
    }
  }

  /** A branch to its end. One that fails is told at once, and the others go on without it, as pmacct's plugins do. */
  async #finish({ stages }: Branch, end: () => Promise<void>): Promise<void> {
    try {
      await end()
    } catch (error) {
      const last = stages.at(-1) as FusedStage
      thrownBy(error, last.host.command)
      this.#options.tell(error)
    }
  }

  async run(): Promise<void> {
    const ends: (() => Promise<void>)[] = []
    for (const branch of this.#branches) {
      const { name } = branch.statement
      const plan = await this.#inWorkers(branch)
      if (plan?.isWritten) {
        ends.push(() => this.#finish(branch, () => plan.write()))
        continue
      }
      const stream = this.#chain(branch, plan)
      if (!stream)
        throw problem(
          'usage/no-input',
          `line ${branch.statement.line}: nothing comes into this line`,
          'start it with a source or a name',
        )
      if (name !== undefined) this.#share(name, stream)
      // Whoever reads the same must not wait for a branch that is over, or that never read.
      else ends.push(() => this.#finish(branch, () => this.#end(branch, stream)).finally(() => leave(stream)))
    }
    await Promise.all(ends.map(end => end()))
  }
}

/** Runs statements in this process; resolves when all are over, also those that failed and were told. */
export async function fuse(statements: readonly Statement[], make: MakeStage, options: FuseOptions): Promise<void> {
  await new Fuse(await makeBranches(statements, make), options).run()
}
