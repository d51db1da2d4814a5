// gnmi-recv against openconfig's own gNMI target, beside openconfig's own client. gnmic is not on Go's module proxy.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { GO_PROGRAMS, goProgram } from '../../../test/services/servers/go.ts'
import { Authority, noOpenssl } from '../../../test/support/authority.ts'
import { netally, records, scratch } from '../../../test/support/cli.ts'
import { freeTcpPort } from '../../../test/support/free-port.ts'
import { answers, ServerProcess } from '../../../test/support/server-process.ts'
import { Command } from './command.ts'

const INTERFACES = 50
const CLIENT_MS = 60_000
const SERVER = await goProgram(GO_PROGRAMS.gnmiFakeServer)
const CLIENT = await goProgram(GO_PROGRAMS.gnmiCli)
const skip = [SERVER, CLIENT].map(one => (typeof one === 'string' ? '' : one.skipped)).find(Boolean) ?? noOpenssl

const elems = (...names: string[]): string => names.map(name => `elem { name: "${name}" }`).join(' ')
const update = (names: string[], value: string): string => `update { path { ${elems(...names)} } val { ${value} } }`

/** What one interface says. */
const interfaceOf = (
  index: number,
): string => `responses { update { timestamp: ${1_700_000_000_000_000_000n + BigInt(index)}
  prefix { target: "dev1" origin: "openconfig" ${elems('interfaces')} elem { name: "interface" key { key: "name" value: "eth[${index}]/1" } } }
  ${update(['state', 'counters', 'in-octets'], `uint_val: ${2n ** 64n - 1n - BigInt(index)}`)}
  ${update(['state', 'counters', 'in-pkts'], `uint_val: ${index}`)}
  ${update(['state', 'offset'], `int_val: ${-index}`)}
  ${update(['state', 'temperature'], `decimal_val { digits: ${-1000 - index} precision: 2 }`)}
  ${update(['state', 'enabled'], `bool_val: ${index % 2 === 0}`)}
  ${update(['state', 'name'], `string_val: "port ${index}"`)}
  ${update(['state', 'load'], `float_val: ${index}.5`)}
} }`

/** It says by itself that this was all. */
const TARGET = `target: "dev1" client_type: GRPC_GNMI
fixed { ${Array.from({ length: INTERFACES }, (_, index) => interfaceOf(index)).join('\n')}
responses { update { timestamp: 1700000001000000000 prefix { target: "dev1" } delete { ${elems('gone', 'away')} } } } }`
const LEAVES = 7 * INTERFACES

interface Fake {
  readonly port: number
  readonly authority: Authority
  readonly server: ServerProcess
  /** Flags of gnmi-recv for it. */
  readonly flags: string[]
}

/** Clients must show a certificate; a stream stays open, which polls are not answered with. */
interface Manner {
  readonly needsCertificate?: boolean
  readonly staysOpen?: boolean
}

async function fakeTarget(
  context: TestContext,
  { needsCertificate = false, staysOpen = true }: Manner = {},
): Promise<Fake> {
  const authority = new Authority(context)
  authority.issue('server')
  authority.issue('client')
  const config = join(scratch(context), 'target.pb.txt')
  writeFileSync(config, `disable_eof: ${staysOpen} ${TARGET}`)
  const port = await freeTcpPort()
  const ca = authority.path('ca.pem')
  const server = new ServerProcess(context, {
    words: [
      ...[SERVER as string, '-config', config, '-text', '-port', String(port), '-logtostderr', '-ca_crt', ca],
      ...['-server_crt', authority.path('server.pem'), '-server_key', authority.path('server.key')],
      ...(needsCertificate ? [] : ['-allow_no_client_auth']),
    ],
    ready: () => answers(port),
  })
  await server.start()
  return { port, authority, server, flags: [`127.0.0.1:${port}`, '--tls-ca', ca, '--path', '/', '--encoding', 'proto'] }
}

/** What openconfig's client shows: `TARGET/ORIGIN/PATH, VALUE`, keys among the steps. */
async function shown({ port, authority }: Fake): Promise<Map<string, string>> {
  const words = ['-a', `127.0.0.1:${port}`, '-q', '/', '-qt', 'once', '-t', 'dev1', '-dt', 'single', '-ca_crt']
  const text = await new Promise<string>((resolve, reject) => {
    execFile(CLIENT as string, [...words, authority.path('ca.pem')], { timeout: CLIENT_MS }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    )
  })
  const lines = text.split('\n').filter(line => line.includes('/interfaces/'))
  return new Map(lines.map(line => line.split(/, (.*)$/s).slice(0, 2) as [string, string]))
}

/** The same of ours; `text`: exact digits are in the text only. */
function shownOfOurs(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split('\n').filter(line => line.includes('"/interfaces/'))) {
    const { telemetry_target, origin, name, interface_name } = JSON.parse(line) as { [name: string]: string }
    const value = /"value":(.*)\}$/.exec(line)?.[1] ?? ''
    const path = String(name).replace('/interfaces/interface', `interfaces/interface/${interface_name}`)
    found.set(`${telemetry_target}/${origin}/${path}`, value.replace(/^"|"$/g, ''))
  }
  return found
}

it('once: the same paths and values as openconfig’s client', { skip }, async context => {
  const fake = await fakeTarget(context)
  const { stdout, status, stderr } = await netally(['gnmi-recv', ...fake.flags, '--mode', 'once', '--flat'])
  assert.equal(status, 0, stderr)
  const [ours, theirs] = [shownOfOurs(stdout), await shown(fake)]
  assert.equal(theirs.size, LEAVES)
  assert.deepEqual(ours, theirs)
  const deleted = records(stdout).filter(record => record.deleted)
  assert.deepEqual(
    deleted.map(({ name, telemetry_target, timestamp_event }) => [name, telemetry_target, timestamp_event]),
    [['/gone/away', 'dev1', 1700000001]],
  )
})

it('poll: the same again, as often as asked for', { skip }, async context => {
  const { flags } = await fakeTarget(context, { staysOpen: false })
  const poll = ['--mode', 'poll', '--poll', '200ms', '--polls', '3', '--flat']
  const { stdout, status, stderr } = await netally(['gnmi-recv', ...flags, ...poll])
  assert.equal(status, 0, stderr)
  assert.equal(records(stdout).filter(({ interface_name }) => interface_name !== undefined).length, 3 * LEAVES)
  assert.equal(shownOfOurs(stdout).size, LEAVES)
})

it('stream: what comes again when the target was killed and is back', { skip }, async context => {
  const { flags, server } = await fakeTarget(context)
  const command = await Command.start(context, ['gnmi-recv', ...flags, '--flat'])
  await command.records(LEAVES + 1)
  await server.kill()
  await server.start()
  const all = await command.records(2 * (LEAVES + 1))
  assert.equal(all.length, 2 * (LEAVES + 1))
  assert.equal(await command.end(), 0)
  assert.ok(command.counter('reconnects') >= 1)
})

it('a target that wants our certificate; one that is not who it says', { skip }, async context => {
  const { flags, authority, port } = await fakeTarget(context, { needsCertificate: true })
  const once = ['--mode', 'once', '--flat']
  const own = ['--tls-cert', authority.path('client.pem'), '--tls-key', authority.path('client.key')]
  const known = await netally(['gnmi-recv', ...flags, ...own, ...once])
  assert.equal(known.status, 0, known.stderr)
  assert.equal(shownOfOurs(known.stdout).size, LEAVES)
  const [stranger, unverified] = await Promise.all([
    netally(['gnmi-recv', ...flags, ...once]),
    netally(['gnmi-recv', `127.0.0.1:${port}`, '--path', '/', ...own, ...once]),
  ])
  for (const { status, stdout, stderr } of [stranger, unverified]) {
    assert.equal(status, 1, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, /gnmi\/no-answer/)
  }
  assert.match(unverified.stderr, /unable to (verify|get)|self-signed/)
})
