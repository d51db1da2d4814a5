// Captures of damaged frames: no packet is lost from the counts, nothing throws, what is kept of flows is bounded.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL_FIELDS } from '../../src/contract/component.ts'
import { knownField } from '../../src/fields/dictionary.ts'
import { TRACKED } from '../../src/wire/packet/flow-fields.ts'
import { INSPECTED } from '../../src/wire/packet/inspect/inspect.ts'
import { LINKS } from '../../src/wire/packet/link.ts'
import { Slice } from '../../src/wire/packet/slice.ts'
import { type Random, random } from '../support/random.ts'
import { FRAMES as LINK_FRAMES } from '../wire/capture/link-frames.ts'
import { APPLICATIONS } from '../wire/packet/inspect/application-frames.ts'
import { type Captured, Packets, tcpFrame, udpFrame } from '../wire/packet/packets.ts'
import { TUNNELS } from '../wire/packet/tunnel-frames.ts'

/** Mutated frames; `NETALLY_FUZZ=1000000` for the long run. */
const FRAMES = Number(process.env.NETALLY_FUZZ ?? 12_000)
const BLOCK = 200
const LIMIT = 100
const SEEDS: readonly (readonly [linkType: number, frame: Uint8Array])[] = [
  ...LINK_FRAMES.map(([, linkType, frame]) => [linkType, frame] as const),
  ...Object.values(TUNNELS).map(({ octets }) => [1, octets] as const),
  ...Object.values(APPLICATIONS).map(([frame]) => [1, frame] as const),
  [1, tcpFrame(1, 2, 2)],
  [1, tcpFrame(2, 1, 18, 30)],
  [1, udpFrame(1, 2, 9)],
]
const LINK_TYPES = [...LINKS.keys(), 105, 147]
const EVERYTHING = {
  fields: [...ALL_FIELDS.fields, ...INSPECTED, ...TRACKED, 'community_id'].filter(name => knownField(name)),
  rest: true,
}

function mutated({ whole, pick, chance }: Random, at: number): Captured {
  const [linkType, seed] = pick(SEEDS)
  const frame = Uint8Array.from(seed)
  for (let times = whole(4); times > 0; times--)
    frame[whole(frame.length)] = chance(0.5) ? whole(256) : pick([0, 1, 127, 128, 255])
  return {
    at,
    linkType: chance(0.9) ? linkType : pick(LINK_TYPES),
    frame: chance(0.3) ? frame.subarray(0, whole(frame.length + 1)) : frame,
    wireOctets: chance(0.1) ? whole(100_000) : frame.length,
  }
}

const count = (packets: Packets, name: string): number => packets.counts.get(name) ?? 0

for (const [seed, [options, lifetimes]] of [
  [{}, undefined],
  [{ inner: true, compat: true, sampleRate: 3 }, undefined],
  [{}, { limit: LIMIT, idleUs: 2e6, activeUs: 4e6 }],
  [{ inner: true }, { bidirectional: true, limit: LIMIT }],
  [{ sampleRate: 2 }, { bidirectional: true, idleUs: 1e6 }],
].entries() as Iterable<[number, [object, object | undefined]]>) {
  test(`fuzz: mutated frames, ${JSON.stringify(options)} ${JSON.stringify(lifetimes ?? 'packets')}`, () => {
    const from = random(seed + 21)
    const packets = new Packets(options, lifetimes, EVERYTHING)
    let told = 0
    const add = (rows: readonly { readonly [name: string]: unknown }[]) => {
      for (const row of rows) told += Number(row.packets) + Number(row.packets_reverse ?? 0)
    }
    for (let frame = 0; frame < FRAMES / 5; frame += BLOCK) {
      const block = Array.from({ length: BLOCK }, (_, index) => mutated(from, (frame + index) / 100))
      add(packets.take(...block))
    }
    add(packets.finish())
    const dropped = [...packets.counts].filter(([name]) => name.startsWith('packets-dropped/'))
    const lost = dropped.reduce((sum, [, number]) => sum + number, count(packets, 'packets-not-sampled'))
    assert.equal(told + lost, count(packets, 'packets'))
    assert.ok(told > FRAMES / 50, `${told} packets`)
  })
}

test('fuzz: records of damaged packets say what to slice, and nothing throws', () => {
  const from = random(77)
  for (let round = 0; round < 20; round++) {
    const frames = Array.from({ length: BLOCK }, (_, index) => mutated(from, index / 100))
    const rows = new Packets().take(...frames)
    const slice = new Slice(0)
    for (const row of rows) {
      const { frame_number: _, ...ends } = row
      slice.add(from.chance(0.5) ? row : ends)
    }
    assert.ok(slice.records > 0 && slice.records <= rows.length)
  }
})
