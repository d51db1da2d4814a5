// TCP MD5 signatures and TTL security with real speakers. That a session does not come up shows in the kernel's counters
// of segments that it did not take, while one with the right key or TTL does.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { REPOSITORY, scratch } from '../support/cli.ts'
import { freeTcpPort } from '../support/free-port.ts'
import { bird, Gobgp, Receiver, until } from './bgp-peers.ts'
import { type GobgpNeighbor, gobgpText } from './gobgp-configuration.ts'
import { without } from './programs.ts'

const PLUGIN = join(REPOSITORY, 'plugins', 'tcp-options', 'dist', 'index.js')
const skip = without('bird', 'gobgpd') || (!existsSync(PLUGIN) && 'not compiled: netally-plugin-tcp-options')

/** A counter of TCP (`nstat`). */
function kernelCounter(name: string): number {
  const lines = readFileSync('/proc/net/netstat', 'utf8').split('\n')
  const names = lines.find(line => line.startsWith('TcpExt:'))?.split(' ') ?? []
  const values = lines.filter(line => line.startsWith('TcpExt:'))[1]?.split(' ') ?? []
  return Number(values[names.indexOf(name)] ?? 0)
}

async function moved(name: string, before: number): Promise<void> {
  await until(`the kernel counts ${name}`, () => kernelCounter(name) > before)
}

/** BIRD at 127.0.0.<octet>, which calls port; `more` are lines of its protocol. */
const birdAt = (context: TestContext, octet: number, port: number, more: string) =>
  bird(
    context,
    `router id 192.0.2.${octet};
protocol device {}
protocol static s4 { ipv4; route 10.${octet}.0.0/16 blackhole; }
protocol bgp netally { local 127.0.0.${octet} as 64501; neighbor 127.0.0.1 port ${port} as 64501; multihop 1;
 strict bind yes; connect retry time 1; connect delay time 1; hold time 9; ${more}
 ipv4 { import none; export all; next hop self; }; }
`,
  )

/** GoBGP at an address, which calls ours. */
const gobgpAt = (address: string, ours: string, port: number, neighbor: Partial<GobgpNeighbor> = {}, as = 64501) =>
  gobgpText({ as, id: '192.0.2.9' }, { address: ours, port, from: address, as, ...neighbor })

function keyFile(context: TestContext, text: string): string {
  const file = join(scratch(context), 'md5.keys')
  writeFileSync(file, text)
  return file
}

const up = (octet: number) => ({ event_type: 'log_init', peer_ip_src: `127.0.0.${octet}` })

describe('TCP MD5', { skip }, () => {
  it('the right key comes in, a wrong one and none do not; SIGHUP reads the keys again', async context => {
    const port = await freeTcpPort()
    const file = keyFile(context, '! peers\n127.0.0.21,right key\n127.0.0.22,another\n127.0.0.23,needed\n')
    const receiver = await Receiver.listening(context, port, '--md5-file', file)
    const [wrong, missing] = [kernelCounter('TCPMD5Failure'), kernelCounter('TCPMD5NotFound')]
    birdAt(context, 21, port, 'password "right key";')
    birdAt(context, 22, port, 'password "right key";')
    birdAt(context, 23, port, '')
    birdAt(context, 24, port, '')
    await receiver.has(up(21), { log_type: 'update', peer_ip_src: '127.0.0.21', ip_prefix: '10.21.0.0/16' }, up(24))
    await moved('TCPMD5Failure', wrong)
    await moved('TCPMD5NotFound', missing)
    assert.deepEqual(
      receiver.rows.filter(({ peer_ip_src: who }) => who === '127.0.0.22' || who === '127.0.0.23'),
      [],
    )
    writeFileSync(file, '127.0.0.21,right key\n127.0.0.22,right key\n')
    receiver.reload()
    await receiver.has(up(22), up(23), { log_type: 'update', ip_prefix: '10.22.0.0/16' })
    const { rows, said } = await receiver.stop()
    assert.equal(said, '')
    assert.equal(rows.filter(row => row.event_type === 'log_init').length, 4)
  })

  it('a prefix of peers, on a socket of both families; IPv6', async context => {
    const port = await freeTcpPort()
    const file = keyFile(context, '127.0.0.0/24,of all\n::1,of six\n')
    const receiver = await Receiver.listeningAt(context, '*', port, '--md5-file', file)
    birdAt(context, 25, port, 'password "of all";')
    await Gobgp.start(context, gobgpAt('::1', '::1', port, { config: '  auth-password = "of six"' }))
    await receiver.has(up(25), { event_type: 'log_init', peer_ip_src: '::1' })
    assert.equal((await receiver.stop()).said, '')
  })

  it('we call: with the key of the peer, and with another', async context => {
    const port = await freeTcpPort()
    const passive = gobgpText(
      { as: 64501, id: '192.0.2.9', listen: { address: '127.0.0.26', port } },
      {
        address: '127.0.0.27',
        port: 1,
        from: '127.0.0.26',
        as: 64501,
        config: '  auth-password = "secret"',
        transport: '  passive-mode = true',
      },
    )
    await Gobgp.start(context, passive)
    const words = ['--local-address', '127.0.0.27', '--as', '64501', '--md5-file']
    const wrong = kernelCounter('TCPMD5Failure')
    const other = Receiver.connecting(context, `127.0.0.26:${port}`, ...words, keyFile(context, '127.0.0.26,public'))
    await moved('TCPMD5Failure', wrong)
    assert.deepEqual((await other.stop()).rows, [])
    const file = keyFile(context, '127.0.0.26,secret\n2001:db8::1,not for this family\n')
    const receiver = Receiver.connecting(context, `127.0.0.26:${port}`, ...words, file)
    await receiver.has(up(26))
    await receiver.stop()
  })
})

describe('TTL security', { skip }, () => {
  it('who sends TTL 255 is a neighbour, who sends 64 is not', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port, '--ttl-security', '1')
    const before = kernelCounter('TCPMinTTLDrop')
    birdAt(context, 28, port, 'ttl security yes;')
    await Gobgp.start(context, gobgpAt('127.0.0.29', '127.0.0.1', port))
    await receiver.has(up(28), { log_type: 'update', ip_prefix: '10.28.0.0/16' })
    await moved('TCPMinTTLDrop', before)
    const { rows, said } = await receiver.stop()
    assert.equal(said, '')
    assert.ok(rows.every(({ peer_ip_src: who }) => who === '127.0.0.28'))
  })

  it('192 hops away TTL 64 is not too low; IPv6 neighbours', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listeningAt(context, '*', port, '--ttl-security', '192')
    await Gobgp.start(context, gobgpAt('127.0.0.29', '127.0.0.1', port))
    await receiver.has(up(29))
    await receiver.stop()
    const six = await Receiver.listeningAt(context, '[::1]', port, '--ttl-security', '1')
    const before = kernelCounter('TCPMinTTLDrop')
    const low = await Gobgp.start(context, gobgpAt('::1', '::1', port))
    await moved('TCPMinTTLDrop', before)
    assert.deepEqual(six.rows, [])
    low.child.kill('SIGKILL')
    const more = ' [neighbors.ttl-security.config]\n  enabled = true\n  ttl-min = 255\n'
    await Gobgp.start(context, gobgpAt('::1', '::1', port, { more }, 64502))
    await six.has({ event_type: 'log_init', peer_ip_src: '::1' })
    await six.stop()
  })
})
