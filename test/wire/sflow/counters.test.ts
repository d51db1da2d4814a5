import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Kind, STRUCTURES } from '../../../src/wire/sflow/counters.ts'
import {
  counterSample,
  f32,
  flowSample,
  legacySample,
  list,
  mac,
  opaque,
  sflow4,
  sflow5,
  tagged,
  u32,
  u64,
} from '../../support/sflow-writer.ts'
import { Collector } from '../flow/collector.ts'

const read = (...structures: readonly Uint8Array[]) =>
  new Collector({ counters: true }).read(sflow5({}, counterSample({}, ...structures)))

test('counters are left out unless they are asked for', () => {
  assert.deepEqual(new Collector().read(sflow5({}, counterSample({}, tagged(1002, u32(1, 2, 3))))), [])
})

test('a record a structure, with who counted', () => {
  const [radio, odd] = read(tagged(1002, u32(1, 2, 3)), tagged(2102, u64(2n ** 63n), u64(5n)))
  assert.deepEqual(radio, {
    timestamp_arrival: 1700000000.25,
    peer_ip_src: '192.0.2.99',
    export_proto_version: 5,
    export_proto_sysid: 0,
    export_proto_seqno: 1,
    event_type: 'counters',
    sf_cnt_type: 'sflow_cnt_radio',
    source_id_class: 0,
    source_id_index: 3,
    sflow_cnt_seq: 1,
    elapsed_time: 1,
    on_channel_time: 2,
    on_channel_busy_time: 3,
  })
  assert.equal(odd?.memory, 2n ** 63n)
})

test('host description, adapters, load', () => {
  const uuid = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
  const rows = read(
    tagged(2000, opaque('host-1'), uuid, u32(3, 2), opaque('6.1.0')),
    tagged(2001, u32(2), u32(1, 1), mac('02:00:00:00:00:01'), u32(2, 0)),
    tagged(2003, f32(0.1), f32(0.25), f32(3), u32(1)),
    tagged(10, u32(1, 4, 3300, -5, 2), u32(...Array.from({ length: 20 }, (_, index) => index))),
  )
  const own = rows.map(row => Object.fromEntries(Object.entries(row).slice(10)))
  assert.deepEqual(own.slice(0, 4), [
    {
      hostname: 'host-1',
      uuid: '00112233-4455-6677-8899-aabbccddeeff',
      machine_type: 3,
      os_name: 2,
      os_release: '6.1.0',
    },
    { ifIndex: 1, mac_address: ['02:00:00:00:00:01'] },
    { ifIndex: 2, mac_address: [] },
    { load_one: 0.1, load_five: 0.25, load_fifteen: 3, proc_run: 1 },
  ])
  assert.deepEqual(
    own.slice(4).map(row => [row.module_temperature, row.lane_index, row.rx_wavelength]),
    [
      [-5, 0, 9],
      [-5, 10, 19],
    ],
  )
})

const SAMPLES: { readonly [kind in Kind]: Uint8Array } = {
  u: u32(7),
  i: u32(-7),
  h: u64(7n),
  f: f32(0.5),
  s: opaque('seven'),
  m: mac('02:00:00:00:00:07'),
  x: Buffer.alloc(16, 7),
  '[u]': list(7, 7),
  '[m]': Buffer.concat([u32(1), mac('02:00:00:00:00:07')]),
}

test('every structure that is registered is read to its last member', () => {
  for (const [format, { name, members, each }] of STRUCTURES) {
    const octets = (of: typeof members) => of.filter(([member]) => member !== '').map(([, kind]) => SAMPLES[kind])
    const lists = each ? [u32(1), ...octets(each)] : []
    const collector = new Collector({ counters: true })
    const [record] = collector.read(sflow5({}, counterSample({}, tagged(format, ...octets(members), ...lists))))
    const names = [...members, ...(each ?? [])].map(([member]) => member).filter(member => member !== '')
    assert.deepEqual(Object.keys(record ?? {}).slice(10), names, name)
    assert.deepEqual(collector.codes(), [], name)
    assert.equal(new Set(names).size, names.length, name)
  }
})

test('blocks of versions 2 and 4', () => {
  const words = Array.from({ length: 22 + 13 }, (_, index) => index)
  const block = Buffer.concat([u32(2, 5, 3, 30, 2), u32(...words)])
  const rows = new Collector({ counters: true }).read(sflow4(4, {}, block, block))
  assert.deepEqual(
    rows.map(row => row.sf_cnt_type),
    ['sflow_cnt_generic', 'sflow_cnt_ethernet', 'sflow_cnt_generic', 'sflow_cnt_ethernet'],
  )
  assert.equal(rows[1]?.dot3StatsSymbolErrors, 34)
})

test('what nobody knows is read over and counted, by enterprise and format', () => {
  const collector = new Collector({ counters: true })
  const sample = counterSample({}, tagged(4095, u32(1)), tagged(4300 * 4096 + 7, u32(1)), tagged(1002, u32(1, 2, 3)))
  const other = tagged(4300 * 4096 + 1002, u32(1))
  assert.equal(collector.read(sflow5({}, sample, other, sample, flowSample({}, tagged(999, u32(1))))).length, 3)
  const counts = [...collector.decoder.readings()].filter(({ name }) => name === 'exporter_unknown_structures')
  assert.deepEqual(
    counts.map(({ labels, value }) => [labels?.kind, labels?.format, value]),
    [
      ['counters', '0:4095', 2],
      ['counters', '4300:7', 2],
      ['sample', '4300:1002', 1],
      ['flow', '0:999', 1],
    ],
  )
})

test('formats of an exporter that counts without end are counted together', () => {
  const collector = new Collector({ counters: true })
  const samples = Array.from({ length: 100 }, (_, index) => counterSample({}, tagged(3500 + index, u32(1))))
  collector.read(sflow5({}, ...samples))
  const counts = [...collector.decoder.readings()].filter(({ name }) => name === 'exporter_unknown_structures')
  assert.equal(counts.length, 65)
  assert.deepEqual([counts.at(-1)?.labels?.format, counts.at(-1)?.value], ['other', 36])
})

test('versions 2 and 4 have no lengths: what is unknown ends the datagram, and that is told', () => {
  const collector = new Collector({ counters: true })
  const unknown = legacySample({}, u32(9))
  assert.equal(collector.read(sflow4(4, {}, unknown, unknown)).length, 1)
  assert.deepEqual(collector.codes(), ['sflow/unknown-part'])
  assert.equal(collector.reading('exporter_unknown_structures'), 1)
})
