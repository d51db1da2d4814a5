// tee while it runs: receivers by name that move, files that change and SIGHUP; nothing is lost by that.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { listening, startProgram } from '../services/programs.ts'
import { RUN, scratch } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { startCounting, statsLines, statsOf, until } from '../support/stats.ts'

async function bound(context: TestContext, address: string, port = 0): Promise<{ socket: Socket; got: string[] }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  context.after(() => socket.close())
  const got: string[] = []
  socket.on('message', octets => got.push(octets.toString()))
  socket.bind(port, address)
  await once(socket, 'listening')
  socket.setRecvBufferSize(4 << 20)
  return { socket, got }
}

test('a file of receivers that changes, and SIGHUP: who stays gets every datagram', async context => {
  const [stays, comes, exporter] = [
    await bound(context, '127.0.0.1'),
    await bound(context, '127.0.0.1'),
    await bound(context, '127.0.0.12'),
  ]
  const [port, list] = [await freeUdpPort(), join(scratch(context), 'tee.lst')]
  const rows = [stays, comes].map(({ socket }, index) => `id=${index + 1} ip=127.0.0.1:${socket.address().port}\n`)
  const write = (...some: (string | undefined)[]) => {
    writeFileSync(`${list}.new`, some.join(''))
    renameSync(`${list}.new`, list)
  }
  write(rows[0])
  const counting = await startCounting(context, [
    'tee',
    '--listen',
    `127.0.0.1:${port}`,
    '--receivers',
    list,
    '--stats',
  ])
  const { child, said } = counting
  context.after(() => child.kill('SIGKILL'))
  await listening(port)
  let sent = 0
  const timer = setInterval(() => exporter.socket.send(String(sent++), port, '127.0.0.1'), 2)
  for (const isThere of [true, false, true]) {
    write(rows[0], isThere ? rows[1] : '')
    const before = comes.got.length
    if (isThere) await until(() => comes.got.length > before)
    else {
      const reloaded = (await statsOf(counting, () => true)).counters['maps/reloaded'] ?? 0
      child.kill('SIGHUP')
      await statsOf(counting, ({ counters }) => (counters['maps/reloaded'] ?? 0) > reloaded)
    }
  }
  // A file that cannot be read as one changes nothing.
  write('id=1 ip=nowhere\n')
  await until(() => said().includes('is not ADDRESS:PORT'))
  clearInterval(timer)
  await until(() => stays.got.length === sent)
  assert.deepEqual(
    stays.got,
    Array.from({ length: sent }, (_, index) => String(index)),
  )
  child.kill('SIGTERM')
  await once(child, 'exit')
  const stats = statsLines(said()).at(-1)
  assert.equal(stats?.counters.datagrams, sent)
  assert.ok((stats?.counters['maps/refused'] ?? 0) > 0)
})

const unshare = ['unshare', '--mount', 'true']
const skip = spawnSync(unshare[0] as string, unshare.slice(1)).status !== 0 && 'no mount namespaces here'

test('a receiver given by name moves: the name is resolved again, also to the other family', {
  skip,
}, async context => {
  const first = await bound(context, '127.0.0.1')
  const { port: there } = first.socket.address()
  const [second, third] = [await bound(context, '127.0.0.2', there), await bound(context, '::1', there)]
  const exporter = await bound(context, '127.0.0.12')
  const [port, hosts] = [await freeUdpPort(), join(scratch(context), 'hosts')]
  const name = 'collector.netally.test'
  writeFileSync(hosts, `127.0.0.1 ${name}\n`)
  const words = ['tee', '--listen', `127.0.0.1:${port}`, '--to', `${name}:${there}`, '--resolve-every', '1s', '--stats']
  // The same file as /etc/hosts, for this process only.
  const line = 'mount --bind "$0" /etc/hosts && exec "$@"'
  const child = startProgram(context, ['unshare', '--mount', 'sh', '-c', line, hosts, process.execPath, RUN, ...words])
  let said = ''
  child.stderr?.on('data', chunk => {
    said += chunk
  })
  await listening(port)
  const timer = setInterval(() => exporter.socket.send('x', port, '127.0.0.1'), 20)
  context.after(() => clearInterval(timer))
  await until(() => first.got.length > 0)
  writeFileSync(hosts, `127.0.0.2 ${name}\n`)
  await until(() => second.got.length > 0)
  writeFileSync(hosts, '127.0.0.1 localhost\n')
  await until(() => said.includes('cannot be resolved'))
  const before = second.got.length
  await until(() => second.got.length > before)
  writeFileSync(hosts, `::1 ${name}\n`)
  await until(() => third.got.length > 0)
  clearInterval(timer)
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
  await pause(0)
  const stats = statsLines(said).at(-1)
  assert.ok((stats?.counters['resolve-errors'] ?? 0) > 0, said)
  assert.equal(stats?.counters['dropped/no-receiver'], undefined)
})

for (const oneByOne of [false, true]) {
  test(`address and port to send from, of each family and pool${oneByOne ? ', one by one' : ''}`, async context => {
    const [four, six, own] = [
      await bound(context, '127.0.0.1'),
      await bound(context, '::1'),
      await bound(context, '127.0.0.1'),
    ]
    const exporter = await bound(context, '127.0.0.12')
    const [port, from, ownFrom] = [await freeUdpPort(), await freeUdpPort(), await freeUdpPort()]
    const list = join(scratch(context), 'tee.lst')
    const [fourPort, sixPort, ownPort] = [four, six, own].map(({ socket }) => socket.address().port)
    const common = `id=1 ip=127.0.0.1:${fourPort},[::1]:${sixPort}\n`
    writeFileSync(list, `${common}id=2 ip=127.0.0.1:${ownPort} src_port=${ownFrom}\n`)
    const sources = ['--source-address', '127.0.0.9', '--source-address', '::1', '--source-port', String(from)]
    const words = ['tee', '--listen', `127.0.0.1:${port}`, '--receivers', list, ...sources]
    const { child } = await startCounting(context, oneByOne ? [...words, '--one-by-one'] : words)
    context.after(() => child.kill('SIGKILL'))
    await listening(port)
    const seen = [four, six, own].map(({ socket }) => once(socket, 'message'))
    exporter.socket.send('x', port, '127.0.0.1')
    const senders = (await Promise.all(seen)).map(([, { address, port: source }]) => `${address} ${source}`)
    assert.deepEqual(senders, [`127.0.0.9 ${from}`, `::1 ${from}`, `127.0.0.9 ${ownFrom}`])
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
}
