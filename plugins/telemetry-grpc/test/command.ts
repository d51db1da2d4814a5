// gnmi-recv and grpc-recv as processes, and the records that they have written so far.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { ENVIRONMENT, records } from '../../../test/support/cli.ts'
import { type Counting, startCounting, statsLines, until } from '../../../test/support/stats.ts'

type Written = Record<string, unknown>

export class Command {
  readonly counting: Counting
  #out = ''

  static async start(
    context: TestContext,
    words: readonly string[],
    env: NodeJS.ProcessEnv = ENVIRONMENT,
  ): Promise<Command> {
    const made = new Command(await startCounting(context, [...words, '--stats'], { env }))
    context.after(() => made.child.kill('SIGKILL'))
    return made
  }

  private constructor(counting: Counting) {
    this.counting = counting
    this.child.stdout?.on('data', chunk => {
      this.#out += chunk
    })
  }

  get child(): ChildProcess {
    return this.counting.child
  }

  get said(): string {
    return this.counting.said()
  }

  /** What is written so far; a line that is not whole is not. */
  get written(): Written[] {
    return records(this.#out.slice(0, this.#out.lastIndexOf('\n') + 1))
  }

  /** Waits until so many records are as wanted. */
  async records(count: number, wanted: (record: Written) => boolean = () => true): Promise<Written[]> {
    return until(() => {
      const found = this.written.filter(wanted)
      return found.length >= count && found
    })
  }

  /** Asks it to end; its exit status. */
  async end(): Promise<number | null> {
    const closed = once(this.child, 'close')
    this.child.kill('SIGTERM')
    const [status] = (await closed) as [number | null]
    return status
  }

  /** A counter of those that it told at its end. */
  counter(name: string): number {
    return statsLines(this.said).at(-1)?.counters[name] ?? 0
  }
}

export const isLog = (record: Written): boolean => record.event_type === 'log'
