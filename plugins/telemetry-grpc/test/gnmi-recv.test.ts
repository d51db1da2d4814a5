import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { status } from '@grpc/grpc-js'
import { ENVIRONMENT, netally, records, scratch } from '../../../test/support/cli.ts'
import { until } from '../../../test/support/stats.ts'
import { type GpbField, gpb } from '../../../test/support/telemetry-writer.ts'
import { Command, isLog } from './command.ts'
import { GrpcTarget } from './grpc-target.ts'

const SYNC = gpb([3, 1n])
const elem = (name: string): GpbField => [3, [[1, name]]]
/** An update of /counters/NAME at Unix second `time`. */
const counter = (name: string, value: bigint, time: bigint): Buffer =>
  gpb([
    1,
    [
      [1, time * 1_000_000_000n],
      [
        4,
        [
          [1, [elem('counters'), elem(name)]],
          [3, [[3, value]]],
        ],
      ],
    ],
  ])

const words = (target: GrpcTarget, ...more: string[]) => [
  ...['gnmi-recv', `127.0.0.1:${target.port}`, '--plaintext', '--path', '/counters'],
  ...more,
]

it('what is asked for, as whom; counters become rates', async context => {
  const target = await GrpcTarget.start(context)
  target.answer = call => call.say(counter('in-octets', 1000n, 100n), SYNC, counter('in-octets', 3000n, 110n))
  const password = join(scratch(context), 'password')
  writeFileSync(password, 'secret\n')
  const asked = ['--subscribe', 'sample', '--interval', '10s', '--updates-only', '--qos', '8', '--encoding', 'proto']
  const who = ['--user', 'audit', '--password-file', password, '--target', 'r1']
  const command = await Command.start(context, words(target, ...asked, ...who, '--flat', '--rate', '*-octets'))
  const leaves = await command.records(2)
  assert.deepEqual(
    leaves.map(({ timestamp, ...leaf }) => leaf),
    [
      { timestamp_event: 100, telemetry_node: '127.0.0.1', value: 1000 },
      { timestamp_event: 110, telemetry_node: '127.0.0.1', value: 3000, rate: 200 },
    ].map(leaf => ({ ...leaf, telemetry_target: `127.0.0.1:${target.port}`, name: '/counters/in-octets' })),
  )
  const [call] = target.calls
  const request = gpb([
    1,
    [
      [1, [[4, 'r1']]],
      [
        2,
        [
          [1, [elem('counters')]],
          [2, 2n],
          [3, 10_000_000_000n],
        ],
      ],
      [4, [[1, 8n]]],
      [8, 2n],
      [9, 1n],
    ],
  ])
  assert.deepEqual(call?.requests, [request])
  assert.deepEqual([call?.metadata.get('username'), call?.metadata.get('password')], [['audit'], ['secret']])
  assert.equal(await command.end(), 0)
  await until(() => call?.isOver)
})

it('deletes, the sync and what cannot be read are told', async context => {
  const target = await GrpcTarget.start(context)
  const deleted = gpb([
    1,
    [
      [1, 5_000_000_000n],
      [2, [elem('a')]],
      [5, [elem('b')]],
    ],
  ])
  target.answer = call => call.say(deleted, Buffer.from([0x0a, 0x7f, 1]), SYNC)
  const command = await Command.start(context, words(target, '--compat', 'pmacct'))
  const logs = await command.records(2, isLog)
  assert.deepEqual(
    logs.map(({ telemetry_data }) => telemetry_data),
    [{ timestamp: 5_000_000_000, prefix: '/a', deletes: ['/b'] }, { sync_response: true }],
  )
  await until(() => /a message that cannot be read/.test(command.said))
  assert.equal(await command.end(), 0)
  const events = command.written.map(({ event_type }) => event_type)
  assert.deepEqual(events, ['log_init', 'log', 'log', 'log_close'])
})

it('a stream that breaks is made again', async context => {
  const target = await GrpcTarget.start(context)
  target.answer = call => {
    call.say(counter('c', BigInt(target.calls.length), 1n))
    if (target.calls.length === 1) call.end(status.UNAVAILABLE, 'restarting')
    if (target.calls.length === 2) call.end()
  }
  const command = await Command.start(context, words(target, '--flat'))
  const leaves = await command.records(3)
  assert.deepEqual(
    leaves.map(({ value }) => value),
    [1, 2, 3],
  )
  assert.match(command.said, /UNAVAILABLE: restarting/)
  assert.equal(await command.end(), 0)
  assert.equal(command.counter('reconnects'), 2)
})

it('a target that is silent for too long is asked anew', async context => {
  const target = await GrpcTarget.start(context)
  const command = await Command.start(context, words(target, '--peer-timeout', '1s'))
  await until(() => target.calls.length >= 2)
  assert.equal(await command.end(), 0)
  assert.ok(command.counter('sessions-idle') >= 1)
})

it('polls: asked where nothing came, then again after each answer', async context => {
  const target = await GrpcTarget.start(context)
  // This one says nothing before it is polled.
  target.answer = call => call.requests.length > 1 && call.say(counter('c', BigInt(call.requests.length), 1n), SYNC)
  const ended = await netally(words(target, '--mode', 'poll', '--poll', '100ms', '--polls', '3', '--flat'))
  assert.equal(ended.status, 0, ended.stderr)
  assert.deepEqual(
    records(ended.stdout).map(({ value }) => value),
    [2, 3, 4],
  )
  assert.deepEqual(target.calls[0]?.requests[1], gpb([3, []]))
})

it('once: a target that says no is given up, the others are read', async context => {
  const [good, bad] = [await GrpcTarget.start(context), await GrpcTarget.start(context)]
  good.answer = call => call.say(counter('c', 1n, 1n), SYNC)
  bad.answer = call => call.end(status.UNAUTHENTICATED, 'who are you?')
  const both = `127.0.0.1:${good.port},127.0.0.1:${bad.port}`
  const ended = await netally(['gnmi-recv', both, '--plaintext', '--path', '/', '--mode', 'once', '--flat'])
  assert.equal(ended.status, 1)
  assert.equal(records(ended.stdout).length, 1)
  assert.match(ended.stderr, new RegExp(`127.0.0.1:${bad.port} did not answer`))
  assert.match(ended.stderr, /UNAUTHENTICATED: who are you\?/)
  assert.equal(bad.calls.length, 4)
})

async function twoTargets(context: TestContext): Promise<[GrpcTarget, GrpcTarget]> {
  const targets: [GrpcTarget, GrpcTarget] = [await GrpcTarget.start(context), await GrpcTarget.start(context)]
  for (const target of targets) target.answer = call => call.say(counter('c', 1n, 1n))
  return targets
}

it('targets come and go with their file; those that stay go on', async context => {
  const [one, other] = await twoTargets(context)
  const file = join(scratch(context), 'targets')
  writeFileSync(file, `127.0.0.1:${one.port} name=one\n`)
  const command = await Command.start(context, ['gnmi-recv', '--targets', file, '--plaintext', '--path', '/', '--flat'])
  await command.records(1, ({ telemetry_target }) => telemetry_target === 'one')
  writeFileSync(file, `127.0.0.1:${one.port} name=one\n127.0.0.1:${other.port} name=other\n`)
  command.child.kill('SIGHUP')
  await command.records(1, ({ telemetry_target }) => telemetry_target === 'other')
  writeFileSync(file, 'r1 color=red\n')
  command.child.kill('SIGHUP')
  await until(() => /"color=red" is no setting of a target/.test(command.said))
  writeFileSync(file, `127.0.0.1:${other.port} name=other\n`)
  command.child.kill('SIGHUP')
  await until(() => one.calls[0]?.isOver)
  assert.deepEqual([one.calls.length, other.calls.length, other.calls[0]?.isOver], [1, 1, false])
  assert.equal(await command.end(), 0)
})

it('Junos before gNMI: login, paths, keys below a prefix', async context => {
  const target = await GrpcTarget.start(context)
  target.loginReply = gpb([1, 1n])
  const text = (key: string, value: string): GpbField => [
    7,
    [
      [1, key],
      [10, value],
    ],
  ]
  const data = gpb(
    ...([
      [1, 'mx1'],
      [2, 3n],
      [4, 'sensor_1000'],
      [5, 7n],
      [6, 1_700_000_000_500n],
    ] as GpbField[]),
    text('__prefix__', "/interfaces/interface[name='ge-0/0/0']/"),
    [
      7,
      [
        [1, 'state/counters/in-octets'],
        [7, 2n ** 64n - 1n],
      ],
    ],
    text('state/oper-status', 'UP'),
    text('__prefix__', '/a/b[x=\'1\' and y="2"]'),
    [
      7,
      [
        [1, 'c'],
        [8, 5n],
      ],
    ],
    [8, [[1, "/interfaces/interface[name='ge-0/0/1']"]]],
  )
  target.answer = call => call.say(data, gpb([10, 1n]))
  const environment = { ...ENVIRONMENT, NETALLY_GNMI_PASSWORD: 'secret' }
  const asked = ['--service', 'juniper', '--user', 'audit', '--subscribe', 'sample', '--interval', '2s', '--flat']
  const command = await Command.start(context, words(target, ...asked), environment)
  const leaves = await command.records(4)
  assert.deepEqual(
    leaves.map(({ timestamp, timestamp_event, telemetry_node, telemetry_target, ...leaf }) => leaf),
    [
      { name: '/interfaces/interface', interface_name: 'ge-0/0/1', deleted: true },
      {
        name: '/interfaces/interface/state/counters/in-octets',
        interface_name: 'ge-0/0/0',
        value: Number(2n ** 64n - 1n),
      },
      { name: '/interfaces/interface/state/oper-status', interface_name: 'ge-0/0/0', value: 'UP' },
      { name: '/a/b/c', b_x: '1', b_y: '2', value: -3 },
    ],
  )
  assert.equal(leaves[0]?.timestamp_event, 1700000000.5)
  assert.deepEqual(target.logins, [gpb([1, 'audit'], [2, 'secret'], [3, 'netally'])])
  assert.deepEqual(target.calls[0]?.requests, [
    gpb([
      2,
      [
        [1, '/counters'],
        [5, 2000n],
      ],
    ]),
  ])
  assert.equal(await command.end(), 0)
})

it('Junos does not let everybody in', async context => {
  const target = await GrpcTarget.start(context)
  target.loginReply = gpb([1, 0n])
  const command = await Command.start(context, words(target, '--service', 'juniper', '--user', 'nobody'))
  await until(() => /UNAUTHENTICATED: the target does not let this user in/.test(command.said))
  assert.equal(target.calls.length, 0)
  assert.equal(await command.end(), 0)
})
