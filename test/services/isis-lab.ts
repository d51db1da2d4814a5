// Routers of FRR with IS-IS in network namespaces: r1 - r2 point to point, r2 - r3 on a LAN; a namespace for netally is on
// that LAN and has a point-to-point circuit to r1.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { RUN, records } from '../support/cli.ts'
import { FrrLab, until, withoutFrr } from './frr-lab.ts'
import { startProgram } from './programs.ts'

const ROUTERS = ['r1', 'r2', 'r3'] as const

export type Router = (typeof ROUTERS)[number]
export type Row = { readonly [name: string]: unknown }

/** Why the lab cannot be; false when it can. */
export function withoutLab(): string | false {
  const missing = withoutFrr('isisd')
  if (missing) return missing
  if (!existsSync(join(RUN, '..', '..', 'plugins', 'packet-socket', 'dist', 'index.js'))) {
    return 'not compiled: netally-plugin-packet-socket'
  }
  return false
}

const configuration = (number: number, interfaces: string): string => `hostname r${number}
router isis 1
 net 49.0001.0000.0000.000${number}.00
 metric-style wide
 topology ipv6-unicast
 mpls-te on
 mpls-te router-address 192.0.2.${number}
 segment-routing on
 segment-routing node-msd 8
 segment-routing prefix 192.0.2.${number}/32 index ${number}
 lsp-gen-interval 1
 spf-interval 1
!
interface lo
 ip router isis 1
 ipv6 router isis 1
!
${interfaces}
`
const isis = (name: string, ...more: string[]): string =>
  [`interface ${name}`, 'ip router isis 1', 'ipv6 router isis 1', 'isis hello-interval 2', ...more, '!'].join('\n ')
const P2P = 'isis network point-to-point'

/** Commands of `ip` in the namespaces, by name. */
const LINKS = `
hub link add br0 type bridge mcast_snooping 0
hub link set br0 up
r1 link add p12 type veth peer name p21 netns r2
n link add p41 type veth peer name p14 netns r1
r2 link add lan type veth peer name h2 netns hub
r3 link add lan type veth peer name h3 netns hub
n link add lan type veth peer name h4 netns hub
hub link set h2 master br0 up
hub link set h3 master br0 up
hub link set h4 master br0 up
r1 link set p12 up
r2 link set p21 up
r1 link set p14 up
n link set p41 up
r2 link set lan up
r3 link set lan up
n link set lan up
r1 addr add 192.0.2.1/32 dev lo
r2 addr add 192.0.2.2/32 dev lo
r3 addr add 192.0.2.3/32 dev lo
r1 addr add 2001:db8::1/128 dev lo nodad
r2 addr add 2001:db8::2/128 dev lo nodad
r3 addr add 2001:db8::3/128 dev lo nodad
r1 addr add 10.0.12.1/24 dev p12
r2 addr add 10.0.12.2/24 dev p21
r1 addr add 10.0.14.1/24 dev p14
r2 addr add 10.0.23.2/24 dev lan
r3 addr add 10.0.23.3/24 dev lan
r1 addr add 2001:db8:12::1/64 dev p12 nodad
r2 addr add 2001:db8:12::2/64 dev p21 nodad
r2 addr add 2001:db8:23::2/64 dev lan nodad
r3 addr add 2001:db8:23::3/64 dev lan nodad`

const CONFIGURATIONS: { readonly [router in Router]: string } = {
  r1: configuration(1, [isis('p12', P2P, 'isis metric 15'), isis('p14', P2P)].join('\n')),
  r2: configuration(2, [isis('p21', P2P), isis('lan', 'isis metric 20')].join('\n')),
  r3: configuration(3, isis('lan', 'isis priority 100')),
}

export class Lab {
  readonly #frr: FrrLab

  private constructor(context: TestContext) {
    this.#frr = new FrrLab(context, 'isis')
  }

  static async start(context: TestContext): Promise<Lab> {
    const lab = new Lab(context)
    lab.#frr.wire([...ROUTERS, 'hub', 'n'], LINKS)
    for (const router of ROUTERS) await lab.#frr.run(router, { isisd: CONFIGURATIONS[router] })
    await until('adjacencies of the routers', () => lab.say('r2', 'show isis neighbor').match(/ Up /g)?.length === 3)
    const far = { r1: '192.0.2.3/32', r3: '192.0.2.1/32' } as const
    for (const [router, prefix] of Object.entries(far)) {
      const route = new RegExp(`^ ${prefix} +\\d+ `, 'gm')
      const levels = () => lab.say(router as Router, 'show isis route').match(route)?.length
      await until(`routes of ${router} on both levels`, () => levels() === 2)
    }
    return lab
  }

  /** What a router answers to commands. */
  say(router: Router, ...commands: string[]): string {
    return this.#frr.ask(router, 'isisd', ...commands)
  }

  configure(router: Router, ...lines: string[]): void {
    this.say(router, 'configure terminal', ...lines)
  }

  /** An isis-recv in the namespace of netally. */
  listen(...words: string[]): Listener {
    return new Listener(this.#frr.context, this.#frr.words('n', process.execPath, RUN, 'isis-recv', ...words))
  }
}

export class Listener {
  readonly #child: ReturnType<typeof startProgram>
  #text = ''
  said = ''

  constructor(context: TestContext, words: readonly string[]) {
    this.#child = startProgram(context, words)
    this.#child.stdout?.on('data', chunk => {
      this.#text += String(chunk)
    })
    this.#child.stderr?.on('data', chunk => {
      this.said += String(chunk)
    })
  }

  get rows(): Row[] {
    return records(this.#text.slice(0, this.#text.lastIndexOf('\n') + 1))
  }

  async stop(): Promise<Row[]> {
    const gone = new Promise(resolve => this.#child.once('close', resolve))
    this.#child.kill('SIGTERM')
    await gone
    return this.rows
  }
}
