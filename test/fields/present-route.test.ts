import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NetRecord, recordBatch } from '../../src/contract/record.ts'
import { encodingsOf, type PresentOptions, presenter } from '../../src/fields/present.ts'

const ROUTE: NetRecord = {
  seq: 1,
  log_type: 'update',
  timestamp: 1767571200.5,
  peer_ip_src: '192.0.2.1',
  event_type: 'log',
  afi: 1,
  safi: 128,
  bgp_nexthop: '192.0.2.9',
  as_path: [64500, 9, '{1,2}'],
  comms: ['65000:1', 'no-export'],
  origin: 'i',
  aggregator_as: 64500,
  attr_99: '01ff',
  ip_prefix: '10.0.0.0/8',
  rd: '0:64499:1',
  rd_origin: 'bgp',
  mpls_label: 25,
}
const presented = (options: PresentOptions) => presenter(options)(recordBatch([ROUTE], 0)).records[0]

test("a route in pmacct's form: spaces between the items, the label as text, pmacct's keys only", () => {
  assert.deepEqual(presented({ compat: 'pmacct', timestamps: 'epoch' }), {
    seq: 1,
    log_type: 'update',
    timestamp: '1767571200.500000',
    peer_ip_src: '192.0.2.1',
    event_type: 'log',
    afi: 1,
    safi: 128,
    bgp_nexthop: '192.0.2.9',
    as_path: '64500 9 {1,2}',
    comms: '65000:1 no-export',
    origin: 'i',
    ip_prefix: '10.0.0.0/8',
    rd: '0:64499:1',
    rd_origin: 'bgp',
    mpls_label: '25',
  })
})

test('arrays of texts when asked for, and short AS numbers are not lost', () => {
  const record = presented({ compat: 'pmacct', encode: { as_path: 'array', comms: 'array' } })
  assert.deepEqual(
    [record?.as_path, record?.comms],
    [
      ['64500', '9', '{1,2}'],
      ['65000:1', 'no-export'],
    ],
  )
})

test('without compat a route stays as it is; flows keep their underscores', () => {
  assert.deepEqual(presented({}), ROUTE)
  const [flow] = presenter({ compat: 'pmacct' })(recordBatch([{ as_path: [1, 2] }], 0)).records
  assert.equal(flow?.as_path, '1_2')
})

test('communities as numbers, as text and as array; the origin as a number', () => {
  const names = ['comms', 'lcomms', 'origin']
  const forms = (...pairs: string[]) =>
    (['pmacct', undefined] as const).map(compat => {
      const encode = encodingsOf(pairs)
      const route = {
        comms: ['64500:7', 'internet', 'no-export', 'no-advertise', 'local-AS', '65535:666'],
        origin: 'u',
      }
      const records = [{ ...ROUTE, ...route, lcomms: ['1:2:3'] }]
      const [record] = presenter({ compat, fields: names, encode })(recordBatch(records, 0)).records
      return names.map(name => record?.[name])
    })
  const numbers = ['64500:7', '0:0', '65535:65281', '65535:65282', '65535:65283', '65535:666']
  assert.deepEqual(forms('comms=number', 'origin=number'), [
    [numbers.join(' '), '1:2:3', 2],
    [numbers, ['1:2:3'], 2],
  ])
  assert.deepEqual(forms('comms=array', 'comms=number'), [
    [numbers, ['1:2:3'], 'u'],
    [numbers, ['1:2:3'], 'u'],
  ])
})
