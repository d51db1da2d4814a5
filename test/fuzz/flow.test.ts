import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ALL_FIELDS } from '../../src/contract/component.ts'
import { RECORDS_PER_BATCH } from '../../src/contract/record.ts'
import { REVERSE_PEN } from '../../src/fields/element.ts'
import { FlowDecoder } from '../../src/wire/flow/decoder.ts'
import type { FlowDecoderOptions } from '../../src/wire/flow/options.ts'
import { data, ipfix, netflow5, netflow9, optionsTemplate, template, VARIABLE_LENGTH } from '../support/flow-writer.ts'
import { type Random, random } from '../support/random.ts'
import { ETHERNET, hex, IPV4_TCP, IPV6_UDP } from '../wire/packet/frames.ts'

/** Mutated messages; `NETALLY_FUZZ=1000000` for the long run. */
const MESSAGES = Number(process.env.NETALLY_FUZZ ?? 20_000)
/** What all limits together may hold of so few exporters, whatever the number of messages. */
const HEAP_OCTETS = 256 * 1024 * 1024
const EXPORTERS = 8

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const FLOW = template(256, [
  [8, 4],
  [12, 4],
  [27, 16],
  [7, 2],
  [4, 1],
  [6, 1],
  [1, 8],
  [2, 4],
  [22, 4],
  [21, 4],
  [10, 4],
  [14, 2],
  [70, 3],
  [71, 3],
  [234, 4],
  [95, 4],
  [48, 1],
])
const VARIABLE = template(257, [
  [8, 4],
  [371, VARIABLE_LENGTH],
  [315, VARIABLE_LENGTH],
  [497, VARIABLE_LENGTH],
  [1, 4, REVERSE_PEN],
  [2, 4, REVERSE_PEN],
  [1, 4],
  [99, 3, 32473],
])
const OPTIONS = optionsTemplate(
  258,
  [[10, 4]],
  [
    [82, 16],
    [48, 1],
    [34, 4],
    [95, 4],
    [96, 8],
    [234, 4],
    [236, 8],
    [90, 8],
    [130, 4],
  ],
)
const FLOW_ROW = ['10.0.0.1', '10.0.0.2', '::', 443, 6, 24, 1000, 2, 5, 6, 1, 2, 0x00451, 0x5ef11, 5, 0x03000050, 1]
const VARIABLE_ROWS = [
  ['10.0.0.1', 'alice', hex(ETHERNET, '0800', IPV4_TCP), Buffer.alloc(32, 7), 5, 6, 7, 8],
  ['10.0.0.2', 'x'.repeat(300), hex(ETHERNET, '86dd', IPV6_UDP), Buffer.alloc(0), 0, 0, 7, 8],
]
const OPTIONS_ROW = [
  1,
  'Gi0/1',
  1,
  100,
  0x03000050,
  'http',
  5,
  'blue',
  Buffer.from('0000fe0000000069', 'hex'),
  '192.0.2.9',
]
const HEADER = { exportTime: 1_700_000_000, sysUptimeMs: 100_000 }
const SEEDS: readonly Buffer[] = [
  netflow5({ ...HEADER, sampling: 100 }, [
    { source: '10.0.0.1', packets: 1, octets: 2, firstMs: 5, lastMs: 6 },
    {},
    {},
  ]),
  netflow9(HEADER, [FLOW, data(FLOW, [FLOW_ROW, FLOW_ROW, FLOW_ROW])]),
  netflow9(HEADER, [data(FLOW, [FLOW_ROW, FLOW_ROW]), FLOW]),
  netflow9(HEADER, [OPTIONS, data(OPTIONS, [OPTIONS_ROW])]),
  ipfix(HEADER, [[FLOW, VARIABLE], data(VARIABLE, VARIABLE_ROWS), data(FLOW, [FLOW_ROW])]),
  ipfix(HEADER, [VARIABLE, data(VARIABLE, [...VARIABLE_ROWS, ...VARIABLE_ROWS])]),
  ipfix(HEADER, [OPTIONS, data(OPTIONS, [OPTIONS_ROW, OPTIONS_ROW])]),
]
const INTERESTING = [0, 1, 2, 3, 4, 5, 9, 10, 127, 128, 254, 255]

function mutate(from: Random, seed: Buffer): Buffer {
  let message = Buffer.from(seed)
  for (let times = 1 + from.whole(6); times > 0; times--) {
    const at = from.whole(message.length)
    const kind = from.whole(8)
    if (kind < 3) message[at] = from.whole(256)
    else if (kind < 5) message[at] = from.pick(INTERESTING)
    else if (kind === 5) message = message.subarray(0, Math.max(1, at))
    else if (kind === 6) message.copy(message, at, from.whole(message.length))
    else message = Buffer.concat([message, message.subarray(at)])
  }
  return message
}

const OPTION_SETS: readonly FlowDecoderOptions[] = [
  {},
  { unknown: true, accountOptions: true },
  { biflow: 'split', renormalize: true, unknown: true },
  { compat: 'pmacct', samplingMap: () => 10, ignoreExporterAddress: true },
]

for (const [index, options] of OPTION_SETS.entries()) {
  test(`fuzz: mutated flow messages, ${JSON.stringify(options)}`, () => {
    const from = random(index + 1)
    const host = { signal: new AbortController().signal, reloads: 0, count() {}, report() {}, watch() {} }
    const decoder = new FlowDecoder(options, host, ALL_FIELDS)
    let records = 0
    const take = (batch: { count: number; records: readonly object[] }) => {
      assert.ok(batch.count > 0 && batch.count <= RECORDS_PER_BATCH)
      assert.equal(batch.records.length, batch.count)
      for (const record of batch.records) assert.ok('peer_ip_src' in record)
      records += batch.count
    }
    const messages = Math.ceil(MESSAGES / OPTION_SETS.length)
    for (let count = 0; count < messages; count++) {
      const message = mutate(from, from.pick(SEEDS))
      const view = new DataView(message.buffer, message.byteOffset, message.length)
      const exporter = { address: `192.0.2.${from.whole(EXPORTERS)}`, port: 1, family: 4 } as const
      for (const batch of decoder.decode(message, view, 0, message.length, exporter, 1.7e15 + count * 1e5)) take(batch)
    }
    for (const batch of decoder.flush()) take(batch)
    assert.ok(records > messages / 10, `${records} records`)
    collectGarbage()
    const { heapUsed } = process.memoryUsage()
    assert.ok(heapUsed < HEAP_OCTETS, `${heapUsed} octets of heap`)
  })
}
