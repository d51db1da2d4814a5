// Messages taken apart for receivers of tags: together they have every record once, each its templates, and a sequence in which only
// what the exporter lost is missing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { type PreTagMap, parsePreTagMap } from '../../../src/maps/pre-tag-map.ts'
import type { TagTest } from '../../../src/maps/tag-filter.ts'
import { Receiver } from '../../../src/sources/tee/receiver.ts'
import { Splitter } from '../../../src/sources/tee/splitter.ts'
import { TemplateKeeper } from '../../../src/sources/tee/template-keeper.ts'
import { jsonText } from '../../../src/stream/json.ts'
import {
  data,
  type FlowSet,
  ipfix,
  netflow5,
  netflow9,
  optionsTemplate,
  type Row,
  template,
  VARIABLE_LENGTH,
} from '../../support/flow-writer.ts'
import { type Random, random } from '../../support/random.ts'
import { TestHost } from '../../support/test-host.ts'
import { ARRIVAL_US, Collector, EXPORTER } from '../../wire/flow/collector.ts'

const RUNS = Math.min(2000, Math.ceil(Number(process.env.NETALLY_FUZZ ?? 20_000) / 500))
const MESSAGES = 40
const HEADER = { exportTime: 1_700_000_000, sysUptimeMs: 100_000 }
const MAP = parsePreTagMap("set_tag=1 filter='port 443'\nset_tag=2 filter='not port 443'\n", 'tags.map') as PreTagMap
const TAGS: readonly TagTest[] = [tag => tag === 1, tag => tag === 2]

/** Lengths that no word divides, and in IPFIX one that each record tells. */
const FIXED = template(256, [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [1, 8],
  [2, 4],
])
const VARIABLE = template(300, [
  [8, 4],
  [371, VARIABLE_LENGTH],
  [7, 2],
  [11, 2],
  [1, 4],
])
const OPTIONS = optionsTemplate(400, [[1, 4]], [[34, 4]])

interface Exporting {
  readonly from: Random
  sequence: number
  flows: number
}

const rows = (exporting: Exporting, of: typeof FIXED): Row[] =>
  Array.from({ length: 1 + exporting.from.whole(5) }, (): Row => {
    const { from } = exporting
    const ports = from.chance(0.5) ? [443, 5000 + from.whole(9)] : [80, 4000 + from.whole(9)]
    const number = ++exporting.flows
    if (of === FIXED) return ['10.0.0.1', '10.0.0.2', ...ports, 6, number, 1]
    return ['10.0.0.3', 'x'.repeat(from.pick([0, 3, 254, 255, 300])), ...ports, number]
  })

/** A message of an exporter; its sequence goes on by what the protocol counts. */
const VERSIONS: { readonly [version: number]: (exporting: Exporting, isFirst: boolean) => Buffer } = {
  5: exporting => {
    const { from, sequence } = exporting
    const count = 1 + from.whole(8)
    exporting.sequence += count
    const records = Array.from({ length: count }, () => ({
      source: '10.0.0.1',
      destination: '10.0.0.2',
      sourcePort: from.pick([443, 80]),
      destinationPort: 4000,
      protocol: 6,
      packets: 1,
      octets: ++exporting.flows,
    }))
    return netflow5({ ...HEADER, sequence }, records)
  },
  9: (exporting, isFirst) => {
    const { from } = exporting
    const sets: FlowSet[] = isFirst || from.chance(0.1) ? [FIXED] : []
    if (isFirst || from.chance(0.1)) sets.push(OPTIONS, data(OPTIONS, [[1, 100]]))
    for (let count = from.whole(3); count >= 0; count--) sets.push(data(FIXED, rows(exporting, FIXED)))
    return netflow9({ ...HEADER, sequence: exporting.sequence++, sourceId: 7 }, sets)
  },
  10: (exporting, isFirst) => {
    const { from, sequence } = exporting
    const sets: FlowSet[] = isFirst || from.chance(0.1) ? [[FIXED, VARIABLE]] : []
    if (isFirst || from.chance(0.1)) {
      sets.push(OPTIONS, data(OPTIONS, [[1, 100]]))
      exporting.sequence++
    }
    for (let count = from.whole(3); count >= 0; count--) {
      const of = from.pick([FIXED, VARIABLE])
      const made = rows(exporting, of)
      exporting.sequence += made.length
      sets.push(data(of, made))
    }
    return ipfix({ ...HEADER, sequence, observationDomain: 7 }, sets)
  },
}

/** What a collector has to tell apart, without the sequence number that its message had. */
const shown = ({ export_proto_seqno: _, ...record }: NetRecord): string => jsonText(record)

function splitter(host = new TestHost()) {
  const keeper = new TemplateKeeper(host)
  const made = new Splitter(MAP, keeper, host)
  const receivers = TAGS.map((_, index) => new Receiver('1', { host: 'r', port: index + 1, name: `r:${index}` }, index))
  return (message: Uint8Array): (Uint8Array | undefined)[] | undefined => {
    const view = new DataView(message.buffer, message.byteOffset, message.length)
    keeper.see(message, view, 0, message.length, EXPORTER)
    if (!made.read(message, view, 0, message.length, EXPORTER, ARRIVAL_US)) return undefined
    return TAGS.map((test, index) => made.messageFor(receivers[index] as Receiver, test)?.slice())
  }
}

const LOST = ['exporter_sequence_lost', 'exporter_sequence_reordered', 'exporter_sets_without_template']
const lossesOf = (collector: Collector) => LOST.map(name => collector.reading(name) ?? 0)

/** Whether the lengths and counts of a message add up. */
function isWhole(message: Buffer): boolean {
  const version = message.readUInt16BE(0)
  if (version === 5) return message.length === 24 + 48 * message.readUInt16BE(2)
  if (version === 10 && message.readUInt16BE(2) !== message.length) return false
  let at = version === 10 ? 16 : 20
  while (at + 4 <= message.length && message.readUInt16BE(at + 2) >= 4) at += message.readUInt16BE(at + 2)
  return at === message.length
}

for (const [version, write] of Object.entries(VERSIONS)) {
  test(`version ${version}: every record once, at whom it is for; what the exporter lost is missing, and no more`, () => {
    let [both, losses] = [0, 0]
    for (let seed = 1; seed <= RUNS; seed++) {
      const exporting = { from: random(seed), sequence: 1000 * seed, flows: 0 }
      const split = splitter()
      const [whole, ...parts] = [new Collector(), ...TAGS.map(() => new Collector())] as [Collector, ...Collector[]]
      const expected: string[] = []
      const got: string[][] = TAGS.map(() => [])
      for (let count = 0; count < MESSAGES; count++) {
        const message = write(exporting, count === 0)
        // Lost on the way to the tee. Not the first, which has the templates.
        if (count > 0 && exporting.from.chance(0.05)) continue
        expected.push(...whole.read(message).map(shown))
        const made = split(message)
        assert.ok(made)
        if (made.every(one => one !== undefined)) both++
        for (const [index, one] of made.entries()) {
          if (one) got[index]?.push(...(parts[index] as Collector).read(one).map(shown))
        }
      }
      for (const [index, texts] of got.entries()) {
        for (const text of texts) assert.equal(/"port_(src|dst)":443\b/.test(text), index === 0, text)
      }
      assert.deepEqual(got.flat().sort(), expected.sort(), `seed ${seed}`)
      const [lost, ...others] = lossesOf(whole) as [number, number, number]
      assert.deepEqual(others, [0, 0])
      losses += lost
      // A gap at the end is not seen by who gets nothing after it.
      for (const part of parts) assert.ok((lossesOf(part)[0] as number) <= lost, `seed ${seed}`)
      for (const part of parts) assert.deepEqual(lossesOf(part).slice(1), [0, 0], `seed ${seed}`)
      assert.ok(
        parts.some(part => lossesOf(part)[0] === lost),
        `seed ${seed}: ${lost} lost`,
      )
    }
    assert.ok(both > RUNS && losses > RUNS / 2, `${both} messages for both, ${losses} lost`)
  })
}

test('mutated messages: nothing is thrown, and lengths and counts of what is made add up', () => {
  const from = random(77)
  let made = 0
  for (let run = 0; run < RUNS; run++) {
    const exporting = { from, sequence: 1, flows: 0 }
    const split = splitter()
    for (let count = 0; count < MESSAGES; count++) {
      const write = from.pick(Object.values(VERSIONS)) as (typeof VERSIONS)[number]
      const message = Buffer.from(write(exporting, count < 3))
      for (let times = count < 3 ? 0 : from.whole(4); times > 0; times--) {
        message[from.whole(message.length)] = from.pick([0, 1, 255, from.whole(256)])
      }
      const cut = from.chance(0.1) ? message.subarray(0, from.whole(message.length + 1)) : message
      for (const one of split(cut) ?? []) {
        if (!one) continue
        made++
        assert.ok(one.length <= 5 * cut.length, 'a set header a record at most')
        assert.ok(isWhole(Buffer.from(one)), Buffer.from(one).toString('hex'))
      }
    }
  }
  assert.ok(made > RUNS)
})
