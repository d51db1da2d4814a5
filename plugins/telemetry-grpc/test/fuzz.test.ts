// Whatever octets come: readers give something that can be written and taken apart, a problem, or an Error for the call to tell.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem, jsonText, type NetRecord, recordBatch } from 'netally'
import { flat } from '../../../src/operators/telemetry/flat.ts'
import { type Random, random } from '../../../test/support/random.ts'
import { CISCO_COUNTERS, type GpbField, gpb } from '../../../test/support/telemetry-writer.ts'
import { TestHost } from '../../../test/support/test-host.ts'
import { ciscoReader, gnmiReader, huaweiReader } from '../src/dial-out-readers.ts'
import { juniperService } from '../src/juniper.ts'
import type { Payload } from '../src/payload.ts'

/** Mutated messages of each kind; `NETALLY_FUZZ=1000000` for the long run. */
const MESSAGES = Math.ceil(Number(process.env.NETALLY_FUZZ ?? 20_000) / 4)
const INTERESTING = [0, 1, 2, 0x08, 0x0a, 0x12, 0x1a, 0x22, 0x5b, 0x7b, 0x7f, 0x80, 0xff]
const FLAT = { keys: new Set<string>(), keepsText: false, rates: [], maxSeries: 10, closes: false, maxGapSeconds: 60 }

const elem = (name: string): GpbField => [
  3,
  [
    [1, name],
    [
      2,
      [
        [1, 'name'],
        [2, 'eth[0]\\'],
      ],
    ],
  ],
]
const VALUES: readonly GpbField[] = [
  [1, 'text'],
  [2, 2n ** 64n - 5n],
  [3, 2n ** 63n],
  [5, Buffer.from([1, 2])],
  [6, { float: 0.1 }],
  [
    7,
    [
      [1, 12345n],
      [2, 2n],
    ],
  ],
  [
    8,
    [
      [1, [[1, 'a']]],
      [1, [[3, 2n]]],
    ],
  ],
  [10, '{"a":[1,{"name":"b","c":"12345678901234567890"}]}'],
  [11, '"12"'],
  [14, { double: 0.5 }],
]
const NOTIFICATION = gpb([
  1,
  [
    [1, 1_700_000_000_123_456_789n],
    [2, [elem('a'), [2, 'openconfig'], [4, 'r1']]],
    ...VALUES.map(
      (value): GpbField => [
        4,
        [
          [1, [elem('b')]],
          [3, [value]],
          [4, 2n],
        ],
      ],
    ),
    [5, [elem('c')]],
  ],
])
const ROW: GpbField = [
  1,
  [
    [1, 1_700_000_000_900n],
    [11, 'content'],
  ],
]
const PATH: GpbField = [
  2,
  [
    [1, 5n],
    [
      2,
      [
        [
          1,
          [
            [1, 'a'],
            [
              2,
              [
                [1, 'k'],
                [2, 'v'],
              ],
            ],
          ],
        ],
      ],
    ],
  ],
]
const HUAWEI: GpbField[] = [
  [1, 'ne40'],
  [3, 'test-ifm:ifm/x'],
  [6, 5n],
  [7, [ROW, PATH]],
  [13, 'test_ifm.Ifm'],
]
const OPEN_CONFIG = gpb(
  [1, 'mx1'],
  [6, 1_700_000_000_500n],
  [
    7,
    [
      [1, '__prefix__'],
      [10, "/a[b='c' and d='e']/"],
    ],
  ],
  [
    7,
    [
      [1, 'f'],
      [7, 2n ** 64n - 1n],
    ],
  ],
  [8, [[1, '/g']]],
)
const JUNIPER = juniperService({
  mode: 'stream',
  encoding: 'proto',
  prefix: undefined,
  updatesOnly: false,
  qos: undefined,
  subscriptions: [],
})

type Read = (octets: Uint8Array) => unknown

const KINDS: { readonly [name: string]: readonly [makeRead: () => Read, ...seeds: Buffer[]] } = {
  gnmi: [() => gnmiReader().read, NOTIFICATION, gpb([3, 1n])],
  cisco: [
    () => {
      const reader = ciscoReader(4096)
      return octets => reader.read(octets)
    },
    gpb([1, 1n], [2, CISCO_COUNTERS]),
    gpb([2, '{"a":1}'], [4, 20n]),
  ],
  huawei: [
    () => huaweiReader().read,
    gpb([2, HUAWEI]),
    gpb([4, '{"sensor_path":"a:b","data_str":{"row":[{"timestamp":1,"content":"{}"}]}}']),
  ],
  juniper: [() => JUNIPER.read, OPEN_CONFIG],
}

function mutate(from: Random, seed: Uint8Array): Buffer {
  let message = Buffer.from(seed)
  for (let times = from.whole(5); times > 0; times--) {
    const at = from.whole(message.length)
    const kind = from.whole(7)
    if (kind < 3) message[at] = from.whole(256)
    else if (kind < 5) message[at] = from.pick(INTERESTING)
    else if (kind === 5) message = message.subarray(0, Math.max(1, at))
    else message = Buffer.concat([message, message.subarray(at)])
  }
  return message
}

const isPayload = (said: unknown): said is Payload =>
  typeof said === 'object' && said !== null && 'data' in said && !isProblem(said as never)

/** A TypeError is a mistake of ours, unless it says that a text is no UTF-8. */
const isExpected = (error: unknown): boolean =>
  error instanceof Error && (!(error instanceof TypeError) || /valid for encoding utf-8/.test(error.message))

async function takenApart({ data, serialization, protocol }: Payload): Promise<number> {
  const record: NetRecord = {
    event_type: 'log',
    timestamp: 1,
    telemetry_node: 'n',
    telemetry_data: data,
    serialization,
  }
  record.session_protocol = protocol
  async function* one() {
    yield recordBatch([record], 1000)
  }
  let leaves = 0
  for await (const { records } of flat(one(), FLAT, new TestHost())) {
    for (const leaf of records) assert.ok(jsonText(leaf).startsWith('{'))
    leaves += records.length
  }
  return leaves
}

for (const [index, [name, [makeRead, ...seeds]]] of Object.entries(KINDS).entries()) {
  test(`fuzz: mutated messages, ${name}`, async () => {
    const from = random(index + 71)
    let [read, leaves, errors] = [makeRead(), 0, 0]
    for (let count = 0; count < MESSAGES; count++) {
      if (from.chance(0.01)) read = makeRead()
      try {
        const said = read(mutate(from, from.pick(seeds)))
        if (isPayload(said)) leaves += await takenApart(said)
      } catch (error) {
        assert.ok(isExpected(error), String((error as Error).stack))
        errors++
      }
    }
    assert.ok(leaves > 0 && errors > 0)
  })
}
