// Routers of FRR with OSPFv2 and OSPFv3 in network namespaces: r2, r3 and r4 on a LAN of the backbone, r1 in area 1 with
// point-to-point links to r2 and r4, which are border routers; r3 has external routes. All is captured at r4.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
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
r1 link set p12 addrgenmode none
r1 link set p12 up
r1 addr add fe80::1/64 dev p12 nodad
r2 link set p21 addrgenmode none
r2 link set p21 up
r2 addr add fe80::2/64 dev p21 nodad
r1 link set p14 addrgenmode none
r1 link set p14 up
r1 addr add fe80::1/64 dev p14 nodad
r4 link set p41 addrgenmode none
r4 link set p41 up
r4 addr add fe80::4/64 dev p41 nodad
r2 link set lan addrgenmode none
r2 link set lan up
r2 addr add fe80::2/64 dev lan nodad
r3 link set lan addrgenmode none
r3 link set lan up
r3 addr add fe80::3/64 dev lan nodad
r4 link set lan addrgenmode none
r4 link set lan up
r4 addr add fe80::4/64 dev lan nodad
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
  /** Of a LAN. */
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
    { name: 'lan', area: 0, cost: 20, priority: 1 },
    { name: 'lo', area: 0, cost: 1 },
  ],
  r3: [
    { name: 'lan', area: 0, cost: 20, priority: 100 },
    { name: 'lo', area: 0, cost: 1 },
  ],
  r4: [
    { name: 'p41', area: 1, cost: 50 },
    { name: 'lan', area: 0, cost: 30, priority: 1 },
    { name: 'lo', area: 0, cost: 1 },
  ],
}

/** The first external prefix of r3 is of type 1, the other one of type 2. */
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

interface Words {
  readonly daemon: string
  readonly ofInterface: string
  readonly list: 'ip' | 'ipv6'
  readonly process: string
  readonly routerId: string
  readonly first: string
}

const WORDS: { readonly [version in 2 | 3]: Words } = {
  2: {
    daemon: 'ospfd',
    ofInterface: 'ip ospf',
    list: 'ip',
    process: 'router ospf',
    routerId: 'ospf router-id',
    first: '10.98.0.0/16',
  },
  3: {
    daemon: 'ospf6d',
    ofInterface: 'ipv6 ospf6',
    list: 'ipv6',
    process: 'router ospf6',
    routerId: 'ospf6 router-id',
    first: '2001:db8:98::/48',
  },
}

/** OSPFv2 alone has them in FRR. */
const SEGMENTS = [
  'capability opaque',
  'router-info area',
  'segment-routing on',
  'segment-routing global-block 16000 23999',
]

function configuration(version: 2 | 3, router: Router): string {
  const { ofInterface, list, process, routerId, first } = WORDS[version]
  const interfaces = INTERFACES[router].map(({ name, area, cost, priority }) => {
    const kind = priority === undefined ? 'network point-to-point' : `priority ${priority}`
    const words = [`area ${area}`, `cost ${cost}`, 'hello-interval 1', 'dead-interval 4']
    if (name !== 'lo') words.push(kind)
    return [`interface ${name}`, ...words.map(word => `${ofInterface} ${word}`), 'exit'].join('\n ')
  })
  const number = router.slice(1)
  const routing = [process, `${routerId} 192.0.2.${number}`, 'timers throttle spf 0 50 200']
  if (version === 2) routing.push(...SEGMENTS, `segment-routing prefix 192.0.2.${number}/32 index ${number}`)
  routing.push('exit')
  return [`hostname ${router}`, EXTERNAL(list, first), ...interfaces, routing.join('\n '), ''].join('\n')
}

export class Lab {
  readonly #frr: FrrLab
  readonly #tcpdump: ChildProcess
  readonly capture: string
  #said = ''

  private constructor(context: TestContext) {
    this.#frr = new FrrLab(context, 'ospf')
    this.#frr.wire([...ROUTERS, 'hub'], LINKS)
    this.capture = join(scratch(context), 'ospf.pcap')
    // The buffer has a place of the snap length for each frame: a few only of what tcpdump takes by itself.
    const buffer = ['--immediate-mode', '-U', '-s', '2000', '-B', '16384']
    const words = ['tcpdump', ...buffer, '-n', '-i', 'any', '-w', this.capture]
    this.#tcpdump = startProgram(context, this.#frr.words('r4', ...words, 'proto', '89', 'or', 'ip6', 'proto', '89'))
    this.#tcpdump.stdout?.resume()
  }

  static async start(context: TestContext): Promise<Lab> {
    const lab = new Lab(context)
    lab.#tcpdump.stderr?.on('data', chunk => {
      lab.#said += chunk
    })
    await until('tcpdump', () => /listening on/.test(lab.#said))
    for (const router of ROUTERS) {
      await lab.#frr.run(router, { ospfd: configuration(2, router), ospf6d: configuration(3, router) })
    }
    return lab
  }

  /** What a router answers to commands. */
  say(version: 2 | 3, router: Router, ...commands: string[]): string {
    return this.#frr.ask(router, WORDS[version].daemon, ...commands)
  }

  /** Configures both versions; `OSPF` stands for the words of commands of interfaces, `ROUTER` for those of the process. */
  configure(router: Router, ...lines: string[]): void {
    for (const version of [2, 3] as const) {
      const { ofInterface, process } = WORDS[version]
      const words = lines.map(line => line.replace('OSPF', ofInterface).replace('ROUTER', process))
      this.say(version, router, 'configure terminal', ...words)
    }
  }

  /** Ends the capture; what tcpdump says of it. */
  async stop(): Promise<string> {
    const ended = once(this.#tcpdump, 'close')
    this.#tcpdump.kill('SIGINT')
    await ended
    return this.#said
  }

  ip(line: string): void {
    this.#frr.ip(line)
  }
}
