// The spool: what is on disk after kills, damage, and when it is full.
import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { ProblemError } from '../../../src/contract/problem.ts'
import { lineEnds, type Parcel } from '../../../src/sinks/delivery/parcel.ts'
import { readEntry, scanEntries, writeEntry } from '../../../src/sinks/delivery/spool/entry.ts'
import { SPOOL_DEFAULTS, type SpoolOptions } from '../../../src/sinks/delivery/spool/options.ts'
import { PositionFile } from '../../../src/sinks/delivery/spool/position.ts'
import { SpoolQueue } from '../../../src/sinks/delivery/spool/spool-queue.ts'
import { scratch } from '../../support/cli.ts'
import { random } from '../../support/random.ts'
import { TestHost } from '../../support/test-host.ts'

const text = (from: number, count: number) =>
  new TextEncoder().encode(Array.from({ length: count }, (_, index) => `{"n":${from + index}}\n`).join(''))

function content(from: number, count: number) {
  const octets = text(from, count)
  return { octets, ends: lineEnds(octets, count) }
}

const numbersOf = ({ records }: Parcel): unknown[] => records.map(({ n }) => n)

async function open(context: TestContext, more: Partial<SpoolOptions> = {}, folder = join(scratch(context), 'spool')) {
  const host = new TestHost()
  const queue = await SpoolQueue.open({ ...SPOOL_DEFAULTS, folder, sync: 'never', ...more }, host)
  return { queue, host, folder }
}

const segments = (folder: string) =>
  readdirSync(folder)
    .filter(name => name.endsWith('.seg'))
    .sort()

describe('entries of a segment', () => {
  it('are read as they were written', () => {
    const octets = writeEntry(text(0, 3), 3, 1_764_000_000_123)
    assert.deepEqual(readEntry(octets, 0), {
      offset: 0,
      length: text(0, 3).length,
      count: 3,
      takenMs: 1_764_000_000_123,
    })
  })

  it('whatever octets change, what is read was written; whole neighbours are found', () => {
    const { whole } = random(7)
    const written = Array.from({ length: 8 }, (_, n) => writeEntry(text(10 * n, 1 + (n % 4)), 1 + (n % 4), n))
    const all = Buffer.concat(written)
    const good = new Set(written.map(octets => Buffer.from(octets).toString('hex')))
    for (let round = 0; round < 3000; round++) {
      const octets = Buffer.from(all)
      const damaged = whole(octets.length)
      octets[damaged] = whole(256)
      const cut = round % 3 === 0 ? octets.subarray(0, whole(octets.length)) : octets
      const { entries, end } = scanEntries(cut, 0)
      for (const { offset, length } of entries)
        assert.ok(good.has(cut.subarray(offset, offset + 24 + length).toString('hex')))
      assert.ok(end <= cut.length)
      if (cut === octets) assert.ok(entries.length >= written.length - 1, 'one octet spoils one entry')
    }
  })
})

describe('the position', () => {
  it('the newer slot holds; when it is spoilt, the older one', context => {
    const path = join(scratch(context), 'position')
    const file = new PositionFile(path)
    file.move({ segment: 1, offset: 10 })
    file.move({ segment: 1, offset: 20 })
    file.move({ segment: 2, offset: 0 })
    file.close()
    assert.deepEqual(new PositionFile(path).position, { segment: 2, offset: 0 })
    const octets = readFileSync(path)
    octets[40] = (octets[40] as number) ^ 1
    writeFileSync(path, octets)
    assert.deepEqual(new PositionFile(path).position, { segment: 1, offset: 20 })
  })
})

describe('a spool', () => {
  it('gives back in order what was put, and is empty when all is settled', async context => {
    const { queue, folder, host } = await open(context)
    for (let n = 0; n < 5; n++) await queue.put(content(10 * n, 10), n)
    assert.equal(queue.held, 50)
    const taken: Parcel[] = []
    for (let n = 0; n < 5; n++) taken.push((await queue.take()) as Parcel)
    assert.deepEqual(
      taken.flatMap(numbersOf),
      Array.from({ length: 50 }, (_, n) => n),
    )
    // Out of order, as with several in flight.
    for (const index of [3, 0, 4, 1, 2]) await queue.settle(taken[index] as Parcel)
    assert.equal(queue.held, 0)
    queue.end()
    assert.equal(await queue.take(), undefined)
    await queue.close()
    assert.deepEqual(segments(folder), [])
    assert.equal(host.counters.created, 0)
  })

  it('what was not settled comes again, with the same ids, before what is new', async context => {
    const { queue, folder } = await open(context)
    for (let n = 0; n < 4; n++) await queue.put(content(10 * n, 10), n)
    const ids: string[] = []
    for (let n = 0; n < 3; n++) {
      const parcel = (await queue.take()) as Parcel
      ids.push(parcel.id)
      // The second one is not delivered, though the third is.
      if (n !== 1) await queue.settle(parcel)
    }
    await queue.close()
    const again = await open(context, {}, folder)
    assert.deepEqual([again.queue.held, again.host.counters.created, again.host.counters.held], [30, 30, 30])
    await again.queue.put(content(40, 10), 4)
    const parcels: Parcel[] = []
    for (let n = 0; n < 4; n++) parcels.push((await again.queue.take()) as Parcel)
    assert.deepEqual(
      parcels.map(parcel => numbersOf(parcel)[0]),
      [10, 20, 30, 40],
    )
    assert.deepEqual(
      parcels.slice(0, 2).map(({ id }) => id),
      ids.slice(1),
    )
    assert.deepEqual(
      parcels.map(({ takenMs }) => takenMs),
      [1, 2, 3, 4],
    )
    await again.queue.close()
  })

  it('an entry that was cut off while it was written is left out', async context => {
    const { queue, folder } = await open(context)
    await queue.put(content(0, 10), 0)
    await queue.close()
    const [name] = segments(folder) as [string]
    const size = statSync(join(folder, name)).size
    appendFileSync(join(folder, name), writeEntry(text(10, 10), 10, 1).subarray(0, 50))
    const again = await open(context, {}, folder)
    assert.equal(again.queue.held, 10)
    assert.equal(again.host.counters.spool_cut_octets, 50)
    assert.equal(statSync(join(folder, name)).size, size)
    assert.deepEqual(again.host.codes, [])
    await again.queue.close()
    // A tail of nothing but zeros is what some file systems leave after a power cut.
    truncateSync(join(folder, name), size + 4096)
    const third = await open(context, {}, folder)
    assert.deepEqual(numbersOf((await third.queue.take()) as Parcel), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    await third.queue.close()
  })

  it('a damaged entry is skipped, counted and told', async context => {
    const { queue, folder } = await open(context)
    for (let n = 0; n < 3; n++) await queue.put(content(10 * n, 10), n)
    await queue.close()
    const path = join(folder, segments(folder)[0] as string)
    const octets = readFileSync(path)
    const second = octets.indexOf('{"n":12}')
    octets[second + 5] = 57
    writeFileSync(path, octets)
    const again = await open(context, {}, folder)
    assert.equal(again.host.counters['lost/spool-damage'], 10)
    assert.deepEqual(again.host.codes, ['spool/damaged'])
    assert.equal(again.queue.held, 20)
    const taken = [(await again.queue.take()) as Parcel, (await again.queue.take()) as Parcel]
    assert.deepEqual(
      taken.map(parcel => numbersOf(parcel)[0]),
      [0, 20],
    )
    assert.equal(again.host.counters['lost/spool-damage'], 10, 'told once')
    await again.queue.close()
  })

  it("is one process's, and one stage's", async context => {
    const { queue, folder } = await open(context)
    await assert.rejects(
      open(context, {}, folder),
      error => error instanceof ProblemError && error.problem.code === 'spool/in-use',
    )
    await queue.close()
    const again = await open(context, {}, folder)
    await again.queue.close()
  })

  it('a folder of another format is not touched', async context => {
    const folder = scratch(context)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'spool.json'), '{"spool":2,"id":"00000000"}')
    await assert.rejects(
      open(context, {}, folder),
      error => error instanceof ProblemError && error.problem.code === 'spool/other-format',
    )
  })
})

/** Deliveries of about 1 KiB; a spool of so many octets has segments of 16 KiB. */
const SMALL = { octets: 40_000 }
const put = (queue: SpoolQueue, n: number) => queue.put(content(1_000_000 + 100 * n, 100), n)

/** Puts until one has to wait, or `most`; how many were taken at once. */
async function fill(
  queue: SpoolQueue,
  most: number,
): Promise<{ taken: number; waiting: Promise<boolean> | undefined }> {
  for (let n = 0; n < most; n++) {
    let isTaken = false
    const putting = put(queue, n).then(result => {
      isTaken = true
      return result
    })
    for (let round = 0; round < 20 && !isTaken; round++) await turn()
    if (!isTaken) return { taken: n, waiting: putting }
  }
  return { taken: most, waiting: undefined }
}

const octetsOf = (folder: string) => segments(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)

describe('a full spool', () => {
  it('block: the input waits until a segment is delivered', async context => {
    const { queue, folder, host } = await open(context, { ...SMALL, full: 'block' })
    const { taken, waiting } = await fill(queue, 100)
    assert.ok(taken > 10 && taken < 40, `${taken}`)
    assert.ok(octetsOf(folder) <= SMALL.octets)
    let isThrough = false
    waiting?.then(() => {
      isThrough = true
    })
    const before = taken
    for (let n = 0; n < before && !isThrough; n++) {
      await queue.settle((await queue.take()) as Parcel)
      for (let round = 0; round < 5; round++) await turn()
    }
    assert.equal(isThrough, true)
    assert.equal(host.counters['dropped/spool-full'], undefined)
    await queue.close()
  })

  it('block: at the end nobody waits, and what does not fit is not taken', async context => {
    const { queue } = await open(context, { ...SMALL, full: 'block' })
    const { waiting } = await fill(queue, 100)
    queue.waitNoMore()
    assert.equal(await waiting, false)
    await queue.close()
  })

  it('drop-newest: what comes is dropped and counted, what is there stays', async context => {
    const { queue, folder, host } = await open(context, { ...SMALL, full: 'drop-newest' })
    const { taken } = await fill(queue, 100)
    assert.equal(taken, 100)
    const dropped = host.counters['dropped/spool-full'] as number
    assert.equal(queue.held + dropped, 10_000)
    assert.ok(dropped > 0 && octetsOf(folder) <= SMALL.octets)
    assert.equal(numbersOf((await queue.take()) as Parcel)[0], 1_000_000)
    await queue.close()
  })

  it('drop-oldest: the oldest go, but for what is on its way; the newest stay', async context => {
    const { queue, folder, host } = await open(context, { ...SMALL, full: 'drop-oldest' })
    await put(queue, 0)
    const first = (await queue.take()) as Parcel
    await fill(queue, 100)
    const dropped = host.counters['dropped/spool-full'] as number
    assert.equal(queue.held + dropped, 10_100)
    assert.ok(octetsOf(folder) <= SMALL.octets)
    const rest: unknown[] = []
    for (let held = queue.held - 100; held > 0; held -= 100) {
      const parcel = (await queue.take()) as Parcel
      rest.push(numbersOf(parcel)[0])
      await queue.settle(parcel)
    }
    assert.equal(rest.at(-1), 1_000_000 + 9900)
    assert.deepEqual(rest, rest.toSorted())
    await queue.settle(first)
    assert.equal(queue.held, 0)
    await queue.close()
  })

  it('a delivery larger than the spool is taken when nothing else is there', async context => {
    const { queue } = await open(context, { octets: 1000, full: 'block' })
    assert.equal(await put(queue, 0), true)
    await queue.settle((await queue.take()) as Parcel)
    assert.equal(await put(queue, 1), true)
    await queue.close()
  })
})
