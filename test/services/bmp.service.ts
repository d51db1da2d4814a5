// FRR (bgpd with its BMP module) and GoBGP as routers that tell a station of netally what a third speaker announces to them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ended, records, scratch, startShell } from '../support/cli.ts'
import { runProgram, startProgram, without } from './programs.ts'

const BGPD = '/usr/lib/frr/bgpd'
const skip = without('gobgpd', 'gobgp') || (!existsSync(BGPD) && 'not installed: frr')
const GIVE_UP_MS = 60_000
const POLL_MS = 100

type Row = Record<string, unknown>

/** Ports of loopback that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  const ports: number[] = []
  for (const server of servers) {
    if (!server.listening) await once(server, 'listening')
    ports.push((server.address() as { port: number }).port)
  }
  for (const server of servers) server.close()
  return ports
}

const FAMILIES = (...names: readonly string[]): string =>
  names
    .map(
      name => `
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${name}"
    [neighbors.afi-safis.add-paths.config]
      receive = ${name === 'ipv4-unicast'}
      send-max = ${name === 'ipv4-unicast' ? 4 : 0}`,
    )
    .join('')

interface Speaker {
  readonly as: number
  readonly address: string
  readonly port: number
}

const head = ({ as, address, port }: Speaker): string => `
[global.config]
  as = ${as}
  router-id = "${address}"
  port = ${port}
  local-address-list = ["${address}"]`

const neighbor = (of: Speaker, other: Speaker, isPassive: boolean, families: string): string => `
[[neighbors]]
  [neighbors.config]
    neighbor-address = "${other.address}"
    peer-as = ${other.as}
  [neighbors.transport.config]
    local-address = "${of.address}"
    ${isPassive ? 'passive-mode = true' : `remote-port = ${other.port}`}
  [neighbors.timers.config]
    connect-retry = 5${families}`

const bmpServer = (port: number): string => `
[[bmp-servers]]
  [bmp-servers.config]
    address = "127.0.0.1"
    port = ${port}
    route-monitoring-policy = "all"`

const frr = (own: Speaker, other: Speaker, station: number): string => `
router bgp ${own.as}
 bgp router-id ${own.address}
 no bgp ebgp-requires-policy
 neighbor ${other.address} remote-as ${other.as}
 neighbor ${other.address} port ${other.port}
 neighbor ${other.address} update-source ${own.address}
 neighbor ${other.address} timers connect 2
 neighbor ${other.address} ebgp-multihop 4
 neighbor ${other.address} disable-connected-check
 address-family ipv6 unicast
  neighbor ${other.address} activate
 exit-address-family
 bmp targets netally
  bmp connect 127.0.0.1 port ${station} min-retry 500 max-retry 1000
  bmp monitor ipv4 unicast pre-policy
  bmp monitor ipv4 unicast post-policy
  bmp mirror
  bmp stats interval 1000
 exit
`

/** The records that a station has written so far. */
class Station {
  readonly #file: string
  readonly #child
  constructor(context: TestContext, folder: string, port: number) {
    this.#file = join(folder, 'bmp.ndjson')
    writeFileSync(this.#file, '')
    this.#child = startShell(`exec "$NETALLY_NODE" "$NETALLY_RUN" bmp-recv --listen 127.0.0.1:${port} > ${this.#file}`)
    context.after(() => this.#child.kill('SIGKILL'))
  }

  get rows(): Row[] {
    const text = readFileSync(this.#file, 'utf8')
    return records(text.slice(0, text.lastIndexOf('\n') + 1))
  }

  async row(what: Row): Promise<Row> {
    for (let waitedMs = 0; waitedMs < GIVE_UP_MS; waitedMs += POLL_MS) {
      const found = this.rows.find(row => Object.entries(what).every(([key, value]) => row[key] === value))
      if (found) return found
      await pause(POLL_MS)
    }
    assert.fail(
      `never came: ${JSON.stringify(what)}; there are\n${this.rows.map(row => JSON.stringify(row)).join('\n')}`,
    )
  }

  async stop() {
    this.#child.kill('SIGTERM')
    return ended(this.#child)
  }
}

test('FRR and GoBGP tell what a peer of theirs announces', { skip }, async context => {
  const folder = scratch(context)
  chmodSync(folder, 0o777)
  const ports = await freePorts(6)
  const port = (index: number): number => ports[index] as number
  const announcer = { as: 65_001, address: '127.0.0.11', port: port(0) }
  const gobgp = { as: 65_002, address: '127.0.0.12', port: port(1) }
  const bgpd = { as: 65_003, address: '127.0.0.13', port: port(2) }
  const families = FAMILIES('ipv4-unicast', 'ipv6-unicast', 'l3vpn-ipv4-unicast')
  const station = new Station(context, folder, port(3))
  const plain = FAMILIES('ipv4-unicast', 'ipv6-unicast')
  writeFileSync(
    join(folder, 'announcer.toml'),
    head(announcer) + neighbor(announcer, gobgp, true, families) + neighbor(announcer, bgpd, true, plain),
  )
  writeFileSync(
    join(folder, 'gobgp.toml'),
    head(gobgp) + bmpServer(port(3)) + neighbor(gobgp, announcer, false, families),
  )
  writeFileSync(join(folder, 'frr.conf'), frr(bgpd, announcer, port(3)))
  mkdirSync(join(folder, 'vty'))
  const speaker = startProgram(
    context,
    ['gobgpd', '-f', 'announcer.toml', '--api-hosts', `127.0.0.1:${port(4)}`],
    folder,
  )
  startProgram(context, ['gobgpd', '-f', 'gobgp.toml', '--api-hosts', `127.0.0.1:${port(5)}`], folder)
  const files = ['-f', join(folder, 'frr.conf'), '-i', join(folder, 'pid'), '--vty_socket', join(folder, 'vty')]
  startProgram(
    context,
    [BGPD, ...files, '-p', String(bgpd.port), '-l', bgpd.address, '-n', '-Z', '-S', '-M', 'bmp', '-P', '0'],
    folder,
  )

  const announce = (...words: readonly string[]) =>
    runProgram(context, ['gobgp', '-u', '127.0.0.1', '-p', String(port(4)), ...words])
  const fromGobgp = await station.row({ bmp_msg_type: 'init', bmp_init_info_sysname: 'GoBGP' })
  await station.row({
    bmp_msg_type: 'peer_up',
    bmp_router_port: fromGobgp.bmp_router_port,
    peer_asn: 65_001,
    local_as: 65_002,
  })
  const frrUp = await station.row({ bmp_msg_type: 'peer_up', peer_asn: 65_001, local_as: 65_003 })
  const fromFrr = { bmp_router_port: frrUp.bmp_router_port }
  assert.equal(frrUp.remote_port, announcer.port)

  await announce('global', 'rib', 'add', '10.1.0.0/16', 'nexthop', '192.0.2.77', 'med', '7', 'community', '65001:1')
  await announce('global', 'rib', 'add', '-a', 'ipv6', '2001:db8:1::/48', 'nexthop', '2001:db8::77')
  await announce('vrf', 'add', 'red', 'rd', '65001:5', 'rt', 'both', '65001:5')
  await announce('vrf', 'red', 'rib', 'add', '10.9.0.0/16')
  const gobgpRow = (more: Row) =>
    station.row({ log_type: 'update', bmp_router_port: fromGobgp.bmp_router_port, ...more })
  const route = await gobgpRow({ ip_prefix: '10.1.0.0/16', bmp_rib_type: 'Adj-Rib-In Pre-Policy' })
  assert.deepEqual(
    [route.as_path, route.med, route.comms, typeof route.as_path_id],
    [[65_001], 7, ['65001:1'], 'number'],
  )
  await gobgpRow({ ip_prefix: '10.1.0.0/16', bmp_rib_type: 'Adj-Rib-In Post-Policy' })
  await gobgpRow({ ip_prefix: '10.1.0.0/16', bmp_rib_type: 'Loc-Rib' })
  await gobgpRow({ ip_prefix: '2001:db8:1::/48', afi: 2 })
  await gobgpRow({ ip_prefix: '10.9.0.0/16', safi: 128, rd: '0:65001:5' })
  await station.row({ ...fromFrr, ip_prefix: '10.1.0.0/16', bmp_msg_type: 'route_monitor', med: 7 })
  await station.row({ ...fromFrr, ip_prefix: '10.1.0.0/16', bmp_msg_type: 'route_mirror' })
  await station.row({ ...fromFrr, bmp_msg_type: 'stats', counter_type: 0, counter_value: 0 })

  await announce('global', 'rib', 'del', '10.1.0.0/16')
  await station.row({ ...fromFrr, ip_prefix: '10.1.0.0/16', log_type: 'withdraw', bmp_msg_type: 'route_monitor' })
  await station.row({ bmp_router_port: fromGobgp.bmp_router_port, ip_prefix: '10.1.0.0/16', log_type: 'withdraw' })
  speaker.kill('SIGTERM')
  const down = await station.row({ ...fromFrr, bmp_msg_type: 'peer_down', reason_type: 3 })
  assert.match(String(down.notification_str), /^Cease/)
  await station.row({ bmp_router_port: fromGobgp.bmp_router_port, bmp_msg_type: 'peer_down' })
  const { stderr, status } = await station.stop()
  assert.equal(status, 0, stderr)
  assert.equal(station.rows.filter(row => row.event_type === 'log_close').length, 2)
  assert.equal(stderr, '', 'nothing that could not be read')
})
