// Routers of FRR with OSPFv2 and OSPFv3 in network namespaces: r2, r3 and r4 on a LAN of the backbone, r1 in area 1 with
// point-to-point links to r2 and r4, which are border routers; r3 has external routes. All is captured at r4.
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { scratch } from '../support/cli.ts'
import { FrrLab, until, withoutFrr } from './frr-lab.ts'
import { startProgram, without } from './programs.ts'

export const ROUTERS = ['r1', 'r2', 'r3', 'r4'] as const
export type Router = (typeof ROUTERS)[number]

/** Why the lab cannot be; false when it can. */
export const withoutLab = (): string | false => without('tcpdump') || withoutFrr('ospfd', 'ospf6d')

/** Commands of `ip` in the namespaces, by name. */
const LINKS = `
hub link add br0 type bridge mcast_snooping 0
hub link set br0 up
r1 link add p12 type veth peer name p21 netns r2
r1 link add p14 type veth peer name p41 netns r4
r2 link add lan type veth peer name h2 netns hub
r3 link add lan type veth peer name h3 netns hub
r4 link add lan type veth peer name h4 netns hub
hub link set h2 master br0 up
hub link set h3 master br0 up
hub link set h4 master br0 up
r1 link set p12 up
r2 link set p21 up
r1 link set p14 up
r4 link set p41 up
r2 link set lan up
r3 link set lan up
r4 link set lan up
r1 addr add 192.0.2.1/32 dev lo
r2 addr add 192.0.2.2/32 dev lo
r3 addr add 192.0.2.3/32 dev lo
r4 addr add 192.0.2.4/32 dev lo
r1 addr add 10.0.12.1/30 dev p12
r2 addr add 10.0.12.2/30 dev p21
r1 addr add 192.0.2.1 peer 192.0.2.4/32 dev p14
r4 addr add 192.0.2.4 peer 192.0.2.1/32 dev p41
r2 addr add 10.0.0.2/24 dev lan
r3 addr add 10.0.0.3/24 dev lan
r4 addr add 10.0.0.4/24 dev lan
r1 addr add 2001:db8::1/128 dev lo nodad
r2 addr add 2001:db8::2/128 dev lo nodad
r3 addr add 2001:db8::3/128 dev lo nodad
r4 addr add 2001:db8::4/128 dev lo nodad
r1 addr add 2001:db8:12::1/64 dev p12 nodad
r2 addr add 2001:db8:12::2/64 dev p21 nodad
r2 addr add 2001:db8:0:1::2/64 dev lan nodad
r3 addr add 2001:db8:0:1::3/64 dev lan nodad
r4 addr add 2001:db8:0:1::4/64 dev lan nodad
r3 route add blackhole 10.98.0.0/16
r3 route add blackhole 10.99.0.0/16
r3 -6 route add blackhole 2001:db8:98::/48
r3 -6 route add blackhole 2001:db8:99::/48`

interface Interface {
  readonly name: string
  readonly area: number
  readonly cost: number
  readonly isLan?: boolean
  readonly priority?: number
}

const INTERFACES: { readonly [router in Router]: readonly Interface[] } = {
  r1: [
    { name: 'p12', area: 1, cost: 10 },
    { name: 'p14', area: 1, cost: 50 },
    { name: 'lo', area: 1, cost: 1 },
  ],
  r2: [
    { name: 'p21', area: 1, cost: 10 },
    { name: 'lan', area: 0, cost: 20, isLan: true, priority: 1 },
    { name: 'lo', area: 0, cost: 1 },
  ],
  r3: [
    { name: 'lan', area: 0, cost: 20, isLan: true, priority: 100 },
    { name: 'lo', area: 0, cost: 1 },
  ],
  r4: [
    { name: 'p41', area: 1, cost: 50 },
    { name: 'lan', area: 0, cost: 30, isLan: true, priority: 1 },
    { name: 'lo', area: 0, cost: 1 },
  ],
}

/** Prefixes of type 1 and of type 2 that r3 brings in. */
const EXTERNAL = (list: 'ip' | 'ipv6', first: string): string => `
${list} prefix-list first seq 5 permit ${first}
route-map external permit 10
 match ${list} address prefix-list first
 set metric 7
 set metric-type type-1
exit
route-map external permit 20
 set metric 33
exit
`

function version2(router: Router, number: number): string {
  const interfaces = INTERFACES[router].map(({ name, area, cost, isLan, priority }) => {
    const kind = isLan ? `ip ospf priority ${priority}` : name === 'lo' ? '' : 'ip ospf network point-to-point'
    const timers = ['ip ospf hello-interval 1', 'ip ospf dead-interval 4']
    return [`interface ${name}`, `ip ospf area ${area}`, `ip ospf cost ${cost}`, kind, ...timers, 'exit'].join('\n ')
  })
  const routing = [
    'router ospf',
    `ospf router-id 192.0.2.${number}`,
    'timers throttle spf 0 50 200',
    'capability opaque',
    'mpls-te on',
    `mpls-te router-address 192.0.2.${number}`,
    ...(router === 'r3' ? ['redistribute kernel route-map external'] : []),
    'exit',
  ]
  const external = router === 'r3' ? EXTERNAL('ip', '10.98.0.0/16') : ''
  return `hostname ${router}\n${external}${interfaces.join('\n')}\n${routing.join('\n ')}\n`
}

function version3(router: Router, number: number): string {
  const interfaces = INTERFACES[router].map(({ name, area, cost, isLan, priority }) => {
    const kind = isLan ? `ipv6 ospf6 priority ${priority}` : name === 'lo' ? '' : 'ipv6 ospf6 network point-to-point'
    const timers = ['ipv6 ospf6 hello-interval 1', 'ipv6 ospf6 dead-interval 4']
    return [`interface ${name}`, `ipv6 ospf6 area ${area}`, `ipv6 ospf6 cost ${cost}`, kind, ...timers, 'exit'].join(
      '\n ',
    )
  })
  const routing = [
    'router ospf6',
    `ospf6 router-id 192.0.2.${number}`,
    'timers throttle spf 0 50 200',
    ...(router === 'r3' ? ['redistribute kernel route-map external'] : []),
    'exit',
  ]
  const external = router === 'r3' ? EXTERNAL('ipv6', '2001:db8:98::/48') : ''
  return `hostname ${router}\n${external}${interfaces.join('\n')}\n${routing.join('\n ')}\n`
}

export class Lab {
  readonly #frr: FrrLab
  readonly #tcpdump: ChildProcess
  readonly capture: string

  private constructor(context: TestContext) {
    this.#frr = new FrrLab(context, 'ospf')
    this.#frr.wire([...ROUTERS, 'hub'], LINKS)
    this.capture = join(scratch(context), 'ospf.pcap')
    const words = ['tcpdump', '--immediate-mode', '-U', '-n', '-s', '0', '-i', 'any', '-w', this.capture]
    this.#tcpdump = startProgram(context, this.#frr.words('r4', ...words, 'proto', '89', 'or', 'ip6', 'proto', '89'))
    this.#tcpdump.stdout?.resume()
  }

  static async start(context: TestContext): Promise<Lab> {
    const lab = new Lab(context)
    let said = ''
    lab.#tcpdump.stderr?.on('data', chunk => {
      said += chunk
    })
    await until('tcpdump', () => /listening on/.test(said))
    for (const [index, router] of ROUTERS.entries()) {
      const configurations = { ospfd: version2(router, index + 1), ospf6d: version3(router, index + 1) }
      await lab.#frr.run(router, configurations)
    }
    return lab
  }

  /** What ospfd of a router answers to commands. */
  say2(router: Router, ...commands: string[]): string {
    return this.#frr.ask(router, 'ospfd', ...commands)
  }

  /** What ospf6d of a router answers to commands. */
  say3(router: Router, ...commands: string[]): string {
    return this.#frr.ask(router, 'ospf6d', ...commands)
  }

  ip(line: string): void {
    this.#frr.ip(line)
  }
}
