// Several interfaces in a network namespace of our own: who is captured from, by which number, and a map that is read again.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { ended, RUN, records, scratch } from '../support/cli.ts'
import { statsLines, until } from '../support/stats.ts'
import { withoutNamespaces } from './namespaces.ts'
import { startProgram, without } from './programs.ts'

const OURS = `netally-pk-${process.pid}`
const PEER = `${OURS}-peer`
const PORT = 4000
/** Interface by letter: pka has 10.91.1.1, its peer 10.91.1.2. */
const NETWORK = { a: 1, b: 2 } as const
type Letter = keyof typeof NETWORK

const ip = (...words: readonly string[]): boolean => spawnSync('ip', words).status === 0

const skipped = (): string | false => (process.getuid?.() === 0 ? withoutNamespaces('tcpdump', 'bash') : 'not root')

/** Two namespaces with two cables between them; taken down with the test. */
function makeNetwork(context: TestContext): void {
  context.after(() => {
    ip('netns', 'del', OURS)
    ip('netns', 'del', PEER)
  })
  assert.ok(ip('netns', 'add', OURS) && ip('netns', 'add', PEER))
  for (const [letter, number] of Object.entries(NETWORK)) {
    const [ours, theirs] = [`pk${letter}`, `peer${letter}`]
    const made = ['-n', OURS, 'link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', PEER]
    assert.ok(ip(...made), `no cable ${letter}`)
    for (const [name, space, host] of [
      [ours, OURS, 1],
      [theirs, PEER, 2],
    ] as const) {
      ip('-n', space, 'address', 'add', `10.91.${number}.${host}/24`, 'dev', name)
      ip('-n', space, 'link', 'set', name, 'up')
    }
  }
}

/** A datagram from the other end of a cable. */
function send(letter: Letter): void {
  const line = `echo x > /dev/udp/10.91.${NETWORK[letter]}.1/${PORT}`
  spawnSync('ip', ['netns', 'exec', PEER, 'bash', '--norc', '-c', line])
}

/** The processes that a process has started. */
const children = (pid: number): number =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).length

describe('packet-recv on several interfaces', { skip: skipped() }, () => {
  it('numbers of a map; SIGHUP opens, renumbers and ends; a bad map is refused', async context => {
    makeNetwork(context)
    const map = join(scratch(context), 'interfaces.map')
    const write = (...rows: readonly string[]) => writeFileSync(map, `${rows.join('\n')}\n`)
    write('ifindex=100 ifname=pka direction=in')
    const words = ['packet-recv', '--interfaces-map', map, '--filter', `udp port ${PORT}`, '--stats']
    const child = startProgram(context, ['ip', 'netns', 'exec', OURS, process.execPath, RUN, ...words])
    const ending = ended(child)
    let [output, told] = ['', '']
    child.stdout?.on('data', chunk => {
      output += chunk
    })
    child.stderr?.on('data', chunk => {
      told += chunk
    })
    const count = (index: number) => output.split(`"iface_in":${index},`).length - 1
    /** Sends until this number was seen. */
    const seen = (letter: Letter, index: number) =>
      until(() => {
        send(letter)
        return count(index) > 0
      })
    await seen('a', 100)
    write('ifindex=200 ifname=pka direction=in', 'ifindex=300 ifname=pkb')
    child.kill('SIGHUP')
    await seen('a', 200)
    await seen('b', 300)
    assert.equal(children(child.pid as number), 2)

    write('ifindex=none ifname=pka')
    child.kill('SIGHUP')
    await until(() => told.includes('ifindex must be a number'))
    const before = count(200)
    await until(() => {
      send('a')
      return count(200) > before
    })

    write('ifindex=200 ifname=pka direction=in')
    child.kill('SIGHUP')
    await until(() => children(child.pid as number) === 1)
    child.kill('SIGTERM')
    const { stdout, stderr, status } = await ending
    assert.equal(status, 0, stderr)
    for (const row of records(stdout)) {
      const expected = row.ip_src === '10.91.1.2' ? [100, 200] : [300]
      assert.ok(expected.includes(row.iface_in as number), JSON.stringify(row))
    }
    const stats = statsLines(stderr).at(-1)
    assert.equal(stats?.balance, 0)
    assert.deepEqual([stats?.counters['maps/reloaded'], stats?.counters['maps/refused']], [2, 1])
  })

  it('interfaces by their names have the numbers of the system', async context => {
    makeNetwork(context)
    const words = ['packet-recv', '--interface', 'pka', '--interface', 'pkb', '--filter', `udp port ${PORT}`]
    const child = startProgram(context, ['ip', 'netns', 'exec', OURS, process.execPath, RUN, ...words])
    const ending = ended(child)
    const from = { a: 0, b: 0 }
    child.stdout?.on('data', (chunk: string) => {
      for (const letter of ['a', 'b'] as const) {
        if (chunk.includes(`"ip_src":"10.91.${NETWORK[letter]}.2"`)) from[letter]++
      }
    })
    await until(() => {
      send('a')
      send('b')
      return from.a > 0 && from.b > 0
    })
    child.kill('SIGTERM')
    const { stdout, stderr, status } = await ending
    assert.equal(status, 0, stderr)
    const index = (letter: Letter): number => {
      const shown = spawnSync('ip', ['-n', OURS, '-o', 'link', 'show', `pk${letter}`], { encoding: 'utf8' })
      return Number.parseInt(shown.stdout, 10)
    }
    const numbers = new Set(records(stdout).map(row => `${row.ip_src} ${row.iface_in}`))
    assert.deepEqual([...numbers].sort(), [`10.91.1.2 ${index('a')}`, `10.91.2.2 ${index('b')}`])
  })
})

describe('packet-recv from the packet filter', { skip: skipped() || without('nft') }, () => {
  it('NFLOG: packets with the interface that they leave by', async context => {
    context.after(() => ip('netns', 'del', OURS))
    assert.ok(ip('netns', 'add', OURS) && ip('-n', OURS, 'link', 'set', 'lo', 'up'))
    const rules = [
      'add table inet t',
      'add chain inet t o { type filter hook output priority 0; }',
      `add rule inet t o udp dport ${PORT} log group 5`,
    ]
    const nft = spawnSync('ip', ['netns', 'exec', OURS, 'nft', rules.join('; ')], { encoding: 'utf8' })
    if (nft.status !== 0) return context.skip(`no rules that log here: ${nft.stderr.trim()}`)
    const child = startProgram(context, [
      ...['ip', 'netns', 'exec', OURS, process.execPath, RUN],
      ...['packet-recv', '--interface', 'nflog:5', '--fields', 'ip_dst,port_dst,iface_in,iface_out,bytes'],
    ])
    const ending = ended(child)
    let output = ''
    child.stdout?.on('data', chunk => {
      output += chunk
    })
    await until(() => {
      spawnSync('ip', ['netns', 'exec', OURS, 'bash', '--norc', '-c', `printf xyz > /dev/udp/127.0.0.1/${PORT}`])
      return output.includes('\n')
    })
    child.kill('SIGTERM')
    const { stdout, stderr, status } = await ending
    assert.equal(status, 0, stderr)
    const packet = { iface_out: 1, ip_dst: '127.0.0.1', port_dst: PORT, bytes: 20 + 8 + 3 }
    for (const row of records(stdout)) assert.deepEqual(row, packet)
  })
})
