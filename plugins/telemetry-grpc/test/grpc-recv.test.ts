import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { connect } from 'node:tls'
import { status } from '@grpc/grpc-js'
import { Authority, noOpenssl } from '../../../test/support/authority.ts'
import { scratch } from '../../../test/support/cli.ts'
import { freeTcpPort } from '../../../test/support/free-port.ts'
import { until } from '../../../test/support/stats.ts'
import { CISCO_COUNTERS, type GpbField, gpb } from '../../../test/support/telemetry-writer.ts'
import { Command, isLog } from './command.ts'
import { GrpcNode } from './grpc-node.ts'

const CISCO = '/mdt_dialout.gRPCMdtDialout/MdtDialout'
const HUAWEI = '/huawei_dialout.gRPCDataservice/dataPublish'
const GNMI = [
  'Nokia.SROS.DialoutTelemetry/Publish',
  'gnmi.gNMIDialOut/Publish',
  'gnmi.sonic.gNMIDialOut/Publish',
].concat('Subscriber/DialOutSubscriber', 'gnmireverse.gNMIReverse/Publish')

async function collector(context: TestContext, ...words: string[]): Promise<{ command: Command; port: number }> {
  const port = await freeTcpPort()
  const command = await Command.start(context, ['grpc-recv', '--listen', `127.0.0.1:${port}`, ...words])
  return { command, port }
}

/** A SubscribeResponse with one update: /interfaces/interface[name=eth0]/mtu. */
function subscribeResponse(mtu: bigint): Buffer {
  const elem = (name: string, ...keys: GpbField[]): GpbField => [3, [[1, name], ...keys]]
  const key: GpbField = [
    2,
    [
      [1, 'name'],
      [2, 'eth0'],
    ],
  ]
  return gpb([
    1,
    [
      [1, 1_700_000_000_123_456_789n],
      [2, [elem('interfaces'), elem('interface', key), [4, 'r1']]],
      [
        4,
        [
          [1, [elem('mtu')]],
          [3, [[3, mtu]]],
        ],
      ],
    ],
  ])
}

it("gNMI dial-out of each vendor: the same message, by each one's service", async context => {
  const { command, port } = await collector(context, '--flat')
  for (const [index, service] of GNMI.entries()) {
    const node = await GrpcNode.call(context, port, `/${service}`)
    node.send(subscribeResponse(BigInt(index)), gpb([3, 1n]))
    assert.equal(await node.end(), status.OK, service)
  }
  const leaves = await command.records(GNMI.length, ({ name }) => name === '/interfaces/interface/mtu')
  for (const [index, { timestamp, ...leaf }] of leaves.entries()) {
    assert.ok(Number(timestamp) > 1.7e9)
    assert.deepEqual(leaf, {
      timestamp_event: 1700000000.123456,
      telemetry_node: '127.0.0.1',
      telemetry_target: 'r1',
      name: '/interfaces/interface/mtu',
      interface_name: 'eth0',
      value: index,
    })
  }
  assert.equal(await command.end(), 0)
  assert.equal(command.counter('telemetry-messages'), 2 * GNMI.length)
})

it('Cisco: self-describing GPB, JSON, a message in parts, what the node complains about', async context => {
  const { command, port } = await collector(context, '--compat', 'pmacct')
  const node = await GrpcNode.call(context, port, CISCO)
  const half = CISCO_COUNTERS.length >> 1
  const size: GpbField = [4, BigInt(CISCO_COUNTERS.length)]
  node.send(
    gpb([1, 1n], [2, CISCO_COUNTERS]),
    gpb([1, 2n], [2, '{"encoding_path":"a/b","data_json":[{"content":{"c":12345678901234567890}}]}']),
    gpb([1, 3n], [2, CISCO_COUNTERS.subarray(0, half)], size),
    gpb([1, 3n], [2, CISCO_COUNTERS.subarray(half)], size),
    gpb([1, 4n], [3, 'sensor group s1 is gone']),
    Buffer.from([0x12, 0x7f, 1]),
  )
  assert.equal(await node.end(), status.OK)
  const logs = await command.records(3, isLog)
  assert.deepEqual(
    logs.map(({ serialization }) => serialization),
    ['gpb', 'json', 'gpb'],
  )
  const [first, second, third] = logs.map(({ telemetry_data }) => telemetry_data as Record<string, unknown>)
  assert.equal(first?.node_id_str, 'xr1')
  assert.deepEqual(first, third)
  assert.match(JSON.stringify(second), /"encoding_path":"a\/b"/)
  await until(() => /sensor group s1 is gone/.test(command.said) && /no message of its service/.test(command.said))
  assert.equal(await command.end(), 0)
  assert.equal(command.counter('grpc/bad-message'), 1)
  const events = command.written.map(({ event_type }) => event_type)
  assert.deepEqual(events, ['log_init', 'log', 'log', 'log', 'log_close'])
})

/** In the manner of Cisco's and Huawei's. */
const MODELS = {
  'cisco.proto': `syntax = "proto3"; package cisco_ios_xr_test_oper.stats.interface;
message bag_KEYS { string interface_name = 1; } message bag { uint64 octets = 1; uint32 drops = 2; }`,
  'huawei.proto': `syntax = "proto3"; package test_ifm;
message Ifm { message Interfaces { message Interface { string name = 1; uint32 mtu = 2; }
repeated Interface interface = 1; } Interfaces interfaces = 1; }`,
}

it('compact GPB by .proto files: Cisco by the path, Huawei by the name that it says', async context => {
  const folder = scratch(context)
  for (const [name, text] of Object.entries(MODELS)) writeFileSync(join(folder, name), text)
  const { command, port } = await collector(context, '--proto', folder, '--flat')
  const cisco = await GrpcNode.call(context, port, CISCO)
  const row: GpbField = [
    1,
    [
      [1, 1_700_000_000_500n],
      [10, [[1, 'eth0']]],
      [11, [[1, 2n ** 64n - 1n]]],
    ],
  ]
  cisco.send(
    gpb([
      2,
      [
        [6, 'Cisco-IOS-XR-test-oper:stats/interface'],
        [12, [row]],
      ],
    ]),
    gpb([
      2,
      [
        [6, 'Cisco-IOS-XR-other-oper:stats'],
        [12, [row]],
      ],
    ]),
  )
  assert.equal(await cisco.end(), status.OK)
  const huawei = await GrpcNode.call(context, port, HUAWEI)
  const ifm: GpbField[] = [
    [
      1,
      [
        [
          1,
          [
            [1, 'GE0/0/1'],
            [2, 1500n],
          ],
        ],
      ],
    ],
  ]
  huawei.send(
    gpb([
      2,
      [
        [1, 'ne40'],
        [3, 'test-ifm:ifm/interfaces/interface'],
        [13, 'test_ifm.Ifm'],
        [6, 1_700_000_001_000n],
        [
          7,
          [
            [
              1,
              [
                [1, 1_700_000_000_900n],
                [11, ifm],
              ],
            ],
          ],
        ],
      ],
    ]),
    gpb([
      4,
      '{"sensor_path":"test-ifm:ifm/x","data_str":{"row":[{"timestamp":1700000000900,"content":"{\\"up\\":true}"}]}}',
    ]),
  )
  assert.equal(await huawei.end(), status.OK)
  const leaves = await command.records(5)
  const plain = leaves.map(({ timestamp, telemetry_node, ...leaf }) => leaf)
  const path = '/Cisco-IOS-XR-test-oper:stats/interface'
  const max = Number(2n ** 64n - 1n)
  assert.deepEqual(plain.slice(0, 2), [
    { timestamp_event: 1700000000.5, name: `${path}/octets`, interface_name: 'eth0', value: max },
    { timestamp_event: 1700000000.5, name: `${path}/drops`, interface_name: 'eth0', value: 0 },
  ])
  assert.deepEqual(plain.slice(-2), [
    {
      timestamp_event: 1700000000.9,
      name: '/test-ifm:ifm/interfaces/interface/mtu',
      interface_name: 'GE0/0/1',
      value: 1500,
    },
    { timestamp_event: 1700000000.9, name: '/test-ifm:ifm/up', value: true },
  ])
  assert.equal(await command.end(), 0)
  assert.equal(command.counter('telemetry/no-model'), 1)
  assert.match(command.said, /no \.proto of --proto has a message for Cisco-IOS-XR-other-oper:stats/)
})

it('a service that nobody knows, a message that is too long', async context => {
  const { command, port } = await collector(context, '--max-message', '1024')
  const other = await GrpcNode.call(context, port, '/gnmi.gNMI/Set')
  assert.equal(await other.ended, status.UNIMPLEMENTED)
  const long = await GrpcNode.call(context, port, CISCO)
  long.send(gpb([2, `{"a":"${'x'.repeat(2000)}"}`]))
  assert.equal(await long.ended, status.RESOURCE_EXHAUSTED)
  const parts = await GrpcNode.call(context, port, CISCO)
  parts.send(gpb([2, 'x'], [4, 5000n]), gpb([2, '{"a":1}']))
  assert.equal(await parts.end(), status.OK)
  await command.records(1, record => JSON.stringify(record).includes('"payload":{"a":1}'))
  assert.equal(await command.end(), 0)
  assert.match(command.said, /a message of 5000 octets was left out/)
})

it('who may connect, and how many', async context => {
  const allow = join(scratch(context), 'allow')
  writeFileSync(allow, '192.0.2.0/24\n')
  const { command, port } = await collector(context, '--allow', allow, '--max-peers', '1')
  const denied = GrpcNode.call(context, port, CISCO)
  await until(() => {
    command.child.kill('SIGUSR1')
    return /"denied":[1-9]/.test(command.said)
  })
  writeFileSync(allow, '127.0.0.1\n')
  command.child.kill('SIGHUP')
  const first = await denied
  first.send(gpb([2, '{"a":1}']))
  await command.records(1, record => 'payload' in record)
  const second = GrpcNode.call(context, port, CISCO)
  second.catch(() => {})
  await until(() => /refused, there are 1 connections already/.test(command.said))
  assert.equal(await first.end(), status.OK)
  first.close()
  await second
  assert.equal(await command.end(), 0)
})

it('a call that is silent for too long is ended', async context => {
  const { command, port } = await collector(context, '--peer-timeout', '1')
  const node = await GrpcNode.call(context, port, CISCO)
  assert.equal(await node.ended, status.DEADLINE_EXCEEDED)
  await command.records(1, ({ event_type }) => event_type === 'log_close')
  assert.equal(await command.end(), 0)
  assert.equal(command.counter('sessions-idle'), 1)
})

it('TLS, and certificates of nodes', { skip: noOpenssl }, async context => {
  const authority = new Authority(context)
  authority.issue('collector')
  const node = authority.issue('node')
  const ca = authority.read('ca.pem')
  const files = ['--tls-cert', authority.path('collector.pem'), '--tls-key', authority.path('collector.key')]
  const { command, port } = await collector(context, ...files, '--tls-client-ca', authority.path('ca.pem'), '--flat')
  const known = await GrpcNode.call(context, port, CISCO, { ca, ...node })
  known.send(gpb([2, '{"a":1}']))
  assert.equal(await known.end(), status.OK)
  const stranger = connect({ host: '127.0.0.1', port, ca, ALPNProtocols: ['h2'] })
  stranger.on('error', () => {})
  stranger.resume()
  await new Promise(resolve => stranger.on('close', resolve))
  await until(() => /ended before it had called a service/.test(command.said))
  assert.equal((await command.records(1)).length, 1)
  assert.equal(await command.end(), 0)
})
