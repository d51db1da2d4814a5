// Hosts of a test: network namespaces with one in the middle that all others are connected to.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { ENVIRONMENT } from '../support/cli.ts'
import { without } from './programs.ts'

function ip(...words: readonly string[]): void {
  const { status, stderr, error } = spawnSync('ip', words, { env: ENVIRONMENT, encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${error ?? stderr.trim()}`)
}

const newName = (): string => `netally-${randomBytes(4).toString('hex')}`

/** Why namespaces cannot be made here, or which of these programs there is not; false when all can be had. */
export function withoutNamespaces(...programs: readonly string[]): string | false {
  const missing = without('ip', ...programs)
  if (missing !== false) return missing
  const name = newName()
  try {
    ip('netns', 'add', name)
    ip('netns', 'del', name)
    return false
  } catch (error) {
    return `no network namespaces here: ${error instanceof Error ? error.message : error}`
  }
}

export class NetworkHost {
  readonly name = newName()

  /** It is taken away with the test. */
  constructor(context: TestContext) {
    ip('netns', 'add', this.name)
    context.after(() => spawnSync('ip', ['netns', 'del', this.name]))
    ip('-n', this.name, 'link', 'set', 'lo', 'up')
  }

  /** A line from here to another host, with an address (`10.0.0.1/24`) at each end. */
  connect(here: string, there: NetworkHost, far: string): void {
    const [near, other] = [0, 1].map(() => `nt${randomBytes(4).toString('hex')}`) as [string, string]
    ip('link', 'add', near, 'netns', this.name, 'type', 'veth', 'peer', 'name', other, 'netns', there.name)
    for (const [host, device, address] of [
      [this, near, here],
      [there, other, far],
    ] as const) {
      ip('-n', host.name, 'address', 'add', address, 'dev', device)
      ip('-n', host.name, 'link', 'set', device, 'up')
    }
  }

  addAddress(address: string): void {
    ip('-n', this.name, 'address', 'add', address, 'dev', 'lo')
  }

  /** The words that run a program here. */
  words(...program: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.name, ...program]
  }

  /** What a program here writes. */
  run(...program: readonly string[]): string {
    const [first = '', ...rest] = this.words(...program)
    return spawnSync(first, rest, { env: ENVIRONMENT, encoding: 'utf8' }).stdout
  }

  /** The kernel's counters of UDP over IPv4 (/proc/net/snmp). */
  udp(): { readonly [counter: string]: number } {
    const [names = '', values = ''] = this.run('grep', '^Udp:', '/proc/net/snmp').split('\n')
    const numbers = values.split(' ').slice(1).map(Number)
    return Object.fromEntries(
      names
        .split(' ')
        .slice(1)
        .map((name, index) => [name, numbers[index] ?? 0]),
    )
  }
}
