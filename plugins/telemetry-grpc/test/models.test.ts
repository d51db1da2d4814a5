import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { isProblem, type TelemetryModels } from 'netally'
import protobuf from 'protobufjs'
import { scratch } from '../../../test/support/cli.ts'
import { loadModels, packageOf } from '../src/models.ts'

/** In the manner of Cisco's: a package for the path. */
const COUNTERS = `syntax = "proto3";
package cisco_ios_xr_test_oper.stats.interfaces.interface;
message bag_KEYS { string interface_name = 1; uint32 unit = 2; }
message part { sint64 change = 1; repeated float loads = 2; State state = 3; }
enum State { DOWN = 0; UP = 1; }
message bag {
  uint64 octets = 1; bool is_up = 2; part detail = 3; repeated part parts = 4; bytes raw = 5;
  map<string, uint32> by_class = 6; optional uint32 speed = 7; double ratio = 8; State state = 9;
  oneof address { string v4 = 10; string v6 = 11; }
}
`
const PATH = 'Cisco-IOS-XR-test-oper:stats/interfaces/interface'
/** In the manner of Huawei's: a message for the root of the model. */
const IFM = `syntax = "proto3";
package test_ifm;
message Ifm { message Interfaces { message Interface { string name = 1; uint32 mtu = 2; } repeated Interface interface = 1; } Interfaces interfaces = 1; }
`

function modelsOf(context: TestContext, files: { readonly [name: string]: string }): TelemetryModels {
  const folder = scratch(context)
  mkdirSync(join(folder, 'deeper'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const models = loadModels([folder])
  assert.ok(!isProblem(models), JSON.stringify(models))
  return models
}

const encode = (proto: string, name: string, message: object): Uint8Array => {
  const type = protobuf.parse(proto, { keepCase: true }).root.lookupType(name)
  return type.encode(type.fromObject(message)).finish()
}
const bag = (message: object) => encode(COUNTERS, 'cisco_ios_xr_test_oper.stats.interfaces.interface.bag', message)

it('the package of a path', () => {
  assert.equal(
    packageOf('Cisco-IOS-XR-infra-statsd-oper:infra-statistics/interfaces/interface[interface-name=x/y]/latest'),
    'cisco_ios_xr_infra_statsd_oper.infra_statistics.interfaces.interface.latest',
  )
})

it('keys and content by the path', context => {
  const model = modelsOf(context, { 'deeper/bag.proto': COUNTERS }).find(PATH, undefined)
  const keys = encode(COUNTERS, 'cisco_ios_xr_test_oper.stats.interfaces.interface.bag_KEYS', {
    interface_name: 'eth0',
  })
  assert.deepEqual(model?.keys(keys), { interface_name: 'eth0', unit: 0 })
  const content = {
    ...{ octets: '18446744073709551615', is_up: true, raw: 'Af8=', ratio: 0.5, state: 1, v6: '::1' },
    detail: { change: -3, loads: [0.1, 2] },
    parts: [{ state: 1 }, {}],
    by_class: { af: 1 },
  }
  assert.deepEqual(model?.content(bag(content)), {
    ...{ octets: 18446744073709551615n, is_up: true, raw: 'Af8=', ratio: 0.5, state: 'UP', v6: '::1' },
    detail: { change: -3, loads: [0.1, 2], state: 'DOWN' },
    parts: [
      { change: 0, state: 'UP' },
      { change: 0, state: 'DOWN' },
    ],
    by_class: { af: 1 },
  })
})

it('what is 0 is not on the wire: with Cisco it is 0, unless the .proto tells', context => {
  const model = modelsOf(context, { 'bag.proto': COUNTERS }).find(PATH, undefined)
  assert.deepEqual(model?.content(bag({})), { octets: 0, is_up: false, raw: '', ratio: 0, state: 'DOWN' })
})

it('a message by the name that the node says has what is there', context => {
  const model = modelsOf(context, { 'ifm.proto': IFM }).find('test-ifm:ifm/interfaces/interface', 'test_ifm.Ifm')
  const octets = encode(IFM, 'test_ifm.Ifm', { interfaces: { interface: [{ name: 'eth0' }] } })
  assert.deepEqual(model?.content(octets), { interfaces: { interface: [{ name: 'eth0' }] } })
})

it('a number that the enumeration does not have', context => {
  const model = modelsOf(context, { 'bag.proto': COUNTERS }).find(PATH, undefined)
  const content = model?.content(Uint8Array.of(0x48, 7)) as { readonly state: unknown } | undefined
  assert.equal(content?.state, 7)
})

it('paths without a model, octets that are none of it', context => {
  const models = modelsOf(context, { 'bag.proto': COUNTERS })
  assert.equal(models.find('Cisco-IOS-XR-other-oper:a/b', undefined), undefined)
  assert.equal(models.find('a', 'no.Such'), undefined)
  assert.equal(models.find('', undefined), undefined)
  const read = models.find(PATH, undefined)?.content(Uint8Array.of(0x0a, 0x7f))
  assert.ok(isProblem(read) && read.code === 'telemetry/not-the-model')
})

it('files that cannot be read are told with their name', context => {
  const folder = scratch(context)
  const code = (paths: string[]) => {
    const models = loadModels(paths)
    assert.ok(isProblem(models))
    return models.message
  }
  assert.match(code([folder]), /no \.proto file/)
  assert.match(code([join(folder, 'none')]), /none/)
  writeFileSync(join(folder, 'bad.proto'), 'syntax = "proto3"; message {')
  assert.match(code([folder]), /bad\.proto/)
})
