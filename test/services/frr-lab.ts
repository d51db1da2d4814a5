// Routers of FRR in network namespaces of a test, and what they are asked.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { scratch } from '../support/cli.ts'
import { withoutNamespaces } from './namespaces.ts'
import { startProgram } from './programs.ts'

const FRR = '/usr/lib/frr'
const POLL_MS = 200
const GIVE_UP_MS = 90_000

/** Why routers with these daemons cannot be; false when they can. */
export function withoutFrr(...daemons: readonly string[]): string | false {
  const missing = withoutNamespaces('vtysh')
  if (missing) return missing
  const absent = daemons.filter(daemon => !existsSync(join(FRR, daemon)))
  return absent.length > 0 && `not installed: frr with ${absent.join(', ')}`
}

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + GIVE_UP_MS
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never came: ${what}`)
    await pause(POLL_MS)
  }
}

/** Configurations by daemon. */
export type Configurations = { readonly [daemon: string]: string }

export class FrrLab {
  readonly context: TestContext
  readonly #name: string
  readonly #folder: string

  /** `name` begins the names of its namespaces. */
  constructor(context: TestContext, name: string) {
    this.context = context
    this.#name = `netally-${name}-${process.pid}`
    this.#folder = scratch(context)
    // FRR has a user of its own.
    chmodSync(this.#folder, 0o777)
  }

  /** Namespaces, and commands of `ip` in them: `r1 link add ...`; behind `netns` stands a namespace. */
  wire(parts: readonly string[], lines: string): void {
    for (const part of parts) {
      ip('netns', 'add', this.namespace(part))
      this.context.after(() => spawnSync('ip', ['netns', 'del', this.namespace(part)]))
      ip('-n', this.namespace(part), 'link', 'set', 'lo', 'up')
    }
    for (const line of lines.trim().split('\n')) this.ip(line)
  }

  ip(line: string): void {
    const [part = '', ...words] = line.split(' ')
    const netns = words.indexOf('netns')
    const named = words.map((word, at) => (netns >= 0 && at === netns + 1 ? this.namespace(word) : word))
    ip('-n', this.namespace(part), ...named)
  }

  namespace(part: string): string {
    return `${this.#name}-${part}`
  }

  /** The words that run a program in a namespace. */
  words(part: string, ...program: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.namespace(part), ...program]
  }

  /** Starts zebra and the daemons of a router. */
  async run(router: string, configurations: Configurations): Promise<void> {
    const folder = join(this.#folder, router)
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    const all: Configurations = { zebra: `hostname ${router}\n`, ...configurations }
    for (const [daemon, text] of Object.entries(all)) {
      writeFileSync(join(folder, `${daemon}.conf`), text)
      const paths = ['-f', `${folder}/${daemon}.conf`, '--vty_socket', folder, '-i', `${folder}/${daemon}.pid`]
      const words = [`${FRR}/${daemon}`, ...paths, '-z', `${folder}/zserv.api`, '-P', '0', '--log', 'stdout']
      const child = startProgram(this.context, this.words(router, ...words))
      child.stdout?.resume()
      child.stderr?.resume()
      await until(`${daemon} of ${router}`, () => existsSync(join(folder, `${daemon}.vty`)))
    }
  }

  /** What a daemon of a router answers to commands. */
  ask(router: string, daemon: string, ...commands: readonly string[]): string {
    const words = ['--vty_socket', join(this.#folder, router), '-d', daemon, ...commands.flatMap(line => ['-c', line])]
    const { stdout, stderr, status } = spawnSync('vtysh', words, { encoding: 'utf8', timeout: 20_000 })
    if (status !== 0) throw new Error(`${router}: ${commands.join('; ')}: ${stdout}${stderr}`)
    return stdout
  }
}

function ip(...words: string[]): void {
  const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`)
}
