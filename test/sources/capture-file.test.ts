import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as zlib from 'node:zlib'
import { type Problem, ProblemError } from '../../src/contract/problem.ts'
import { captureDatagrams, captureFrames } from '../../src/sources/capture-file.ts'
import { ethernet, packet, random, simplePcap } from '../wire/capture/captures.ts'

const folder = mkdtempSync(join(tmpdir(), 'netally-capture-'))
after(() => rmSync(folder, { recursive: true }))

const below = random(3)
/** Three megabytes that do not compress well: several chunks, several compressed pieces. */
const TEXTS = Array.from({ length: 3000 }, (_, index) => {
  const noise = Array.from({ length: 700 }, () => String.fromCharCode(33 + below(90))).join('')
  return `${index} ${noise.slice(0, below(700))}`
})
const CAPTURE = simplePcap(TEXTS.map(text => ethernet('0800', packet(text))))
const HALVES = [CAPTURE.subarray(0, 500_001), CAPTURE.subarray(500_001)] as const

let files = 0
function file(octets: Uint8Array): string {
  const path = join(folder, `capture-${files++}`)
  writeFileSync(path, octets)
  return path
}

interface Outcome {
  texts: string[]
  problems: Problem[]
}

async function read(path: string, signal = new AbortController().signal): Promise<Outcome> {
  const outcome: Outcome = { texts: [], problems: [] }
  const host = { count: () => {}, report: (problem: Problem) => void outcome.problems.push(problem) }
  for await (const { octets, count, start, end } of captureDatagrams(path, { signal }, host)) {
    for (let index = 0; index < count; index++) {
      outcome.texts.push(Buffer.from(octets.subarray(start[index], end[index])).toString('latin1'))
    }
  }
  return outcome
}

/** Fails without printing megabytes. */
function assertTexts(actual: readonly string[], expected: readonly string[]): void {
  assert.equal(actual.length, expected.length)
  assert.equal(
    actual.findIndex((text, index) => text !== expected[index]),
    -1,
  )
}

function assertWhole({ texts, problems }: Outcome): void {
  assert.deepEqual(problems, [])
  assertTexts(texts, TEXTS)
}

const zstd = typeof zlib.zstdCompressSync === 'function' ? zlib.zstdCompressSync : undefined
const skipZstd = zstd ? false : 'this Node has no zstd'
/** A skippable frame of 4 octets (RFC 8878 section 3.1.2). */
const SKIPPABLE = Buffer.from('502a4d180400000001020304', 'hex')

const FORMS: readonly [string, string | false, () => Uint8Array][] = [
  ['plain', false, () => CAPTURE],
  ['gz', false, () => zlib.gzipSync(CAPTURE)],
  ['gz of several members', false, () => Buffer.concat(HALVES.map(half => zlib.gzipSync(half)))],
  ['gz with zeros behind it', false, () => Buffer.concat([zlib.gzipSync(CAPTURE), Buffer.alloc(512)])],
  ['zst', skipZstd, () => zstd!(CAPTURE)],
  ['zst of several frames', skipZstd, () => Buffer.concat(HALVES.map(half => zstd!(half)))],
  ['zst with skippable frames', skipZstd, () => Buffer.concat(HALVES.flatMap(half => [SKIPPABLE, zstd!(half)]))],
]

for (const [name, skip, make] of FORMS) {
  test(`a ${name} file`, { skip }, async () => {
    assertWhole(await read(file(make())))
  })
}

/** Prints how many datagrams and octets it read from standard input, and its problems. */
const READER = `
import { captureDatagrams } from ${JSON.stringify(new URL('../../src/sources/capture-file.ts', import.meta.url).href)}
const problems = []
let datagrams = 0
let octets = 0
const host = { count() {}, report: problem => problems.push(problem.code) }
for await (const block of captureDatagrams('-', { signal: new AbortController().signal }, host)) {
  datagrams += block.count
  for (let index = 0; index < block.count; index++) octets += block.end[index] - block.start[index]
}
console.log(JSON.stringify([datagrams, octets, problems]))
`
const READER_ARGUMENTS = ['--input-type=module-typescript', '--no-warnings', '-e', READER]
const WHOLE = [TEXTS.length, TEXTS.reduce((sum, text) => sum + text.length, 0), []]

for (const [name, skip, make] of FORMS) {
  test(`${name} on standard input, piped`, { skip }, () => {
    const { stdout, stderr } = spawnSync(process.execPath, READER_ARGUMENTS, { input: make(), encoding: 'utf8' })
    assert.equal(stderr, '')
    assert.deepEqual(JSON.parse(stdout), WHOLE)
  })
}

test('a file as standard input', () => {
  const input = openSync(file(CAPTURE), 'r')
  const { stdout } = spawnSync(process.execPath, READER_ARGUMENTS, {
    stdio: [input, 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  assert.deepEqual(JSON.parse(stdout), WHOLE)
})

test('standard input in drops', async () => {
  const child = spawn(process.execPath, READER_ARGUMENTS, { stdio: ['pipe', 'pipe', 'inherit'] })
  const capture = simplePcap(['a', 'b'].map(text => ethernet('0800', packet(text))))
  for (const octet of capture.subarray(0, 60)) {
    child.stdin.write(Uint8Array.of(octet))
    await new Promise(setImmediate)
  }
  child.stdin.end(capture.subarray(60, capture.length - 1))
  const [output] = (await once(child.stdout, 'data')) as [Buffer]
  assert.deepEqual(JSON.parse(output.toString()), [1, 1, ['capture/truncated']])
})

const fifo = (): string => {
  const path = join(folder, `fifo-${files++}`)
  execFileSync('mkfifo', [path])
  return path
}
const skipFifo = spawnSync('mkfifo', ['--version']).error ? 'mkfifo is not installed' : false

test('a FIFO', { skip: skipFifo }, async () => {
  const path = fifo()
  const reading = read(path)
  createWriteStream(path).end(zlib.gzipSync(CAPTURE))
  assertWhole(await reading)
})

test('waiting for the writer of a FIFO can be aborted', { skip: skipFifo }, async () => {
  const controller = new AbortController()
  const reading = read(fifo(), controller.signal)
  setImmediate(() => controller.abort())
  assert.deepEqual(await reading, { texts: [], problems: [] })
})

test('aborted in the middle of a FIFO: what came is given, and no problem', { skip: skipFifo }, async () => {
  const path = fifo()
  const controller = new AbortController()
  const host = { count: () => {}, report: (problem: Problem) => assert.fail(problem.message) }
  const writer = createWriteStream(path)
  writer.write(CAPTURE.subarray(0, 20_001))
  let datagrams = 0
  for await (const block of captureDatagrams(path, { signal: controller.signal }, host)) {
    datagrams += block.count
    setImmediate(() => controller.abort())
  }
  assert.ok(datagrams > 10 && datagrams < 100)
  writer.on('error', () => {})
  writer.destroy()
})

test('aborted in the middle of a file', async () => {
  const controller = new AbortController()
  const path = file(CAPTURE)
  const host = { count: () => {}, report: (problem: Problem) => assert.fail(problem.message) }
  let blocks = 0
  for await (const _ of captureFrames(path, { signal: controller.signal }, host)) {
    blocks++
    controller.abort()
  }
  assert.equal(blocks, 1)
})

test('the reader may leave', async () => {
  for (const octets of [CAPTURE, zlib.gzipSync(CAPTURE)]) {
    const host = { count: () => {}, report: (problem: Problem) => assert.fail(problem.message) }
    for await (const block of captureDatagrams(file(octets), { signal: new AbortController().signal }, host)) {
      assert.ok(block.count > 0)
      break
    }
  }
})

test('a truncated file: everything before, and one problem with the name', async () => {
  const path = file(CAPTURE.subarray(0, -1))
  const { texts, problems } = await read(path)
  assertTexts(texts, TEXTS.slice(0, -1))
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['capture/truncated'],
  )
  assert.ok(problems[0]!.message.startsWith(`${path}: the capture ends at octet ${CAPTURE.length - 1} `))
})

for (const [name, skip, compress] of [
  ['gz', false, zlib.gzipSync],
  ['zst', skipZstd, zstd!],
] as const) {
  test(`a truncated ${name} file: what it has, and one problem`, { skip }, async () => {
    const whole = compress(CAPTURE)
    const { texts, problems } = await read(file(whole.subarray(0, whole.length >> 1)))
    assert.ok(texts.length > 1000 && texts.length < 2000, `${texts.length} datagrams`)
    assertTexts(texts, TEXTS.slice(0, texts.length))
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['capture/truncated'],
    )
  })

  test(`a ${name} file cut in its last octets`, { skip }, async () => {
    const { problems } = await read(file(compress(CAPTURE).subarray(0, -2)))
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['capture/truncated'],
    )
  })

  test(`a damaged ${name} file: most of what is before, and one problem`, { skip }, async () => {
    const damaged = Buffer.from(compress(CAPTURE))
    damaged.fill(0xff, damaged.length >> 1, (damaged.length >> 1) + 1000)
    const { texts, problems } = await read(file(damaged))
    assert.ok(texts.length > 500 && texts.length < 2000, `${texts.length} datagrams`)
    assert.equal(problems.length, 1)
    assert.match(problems[0]!.code, /capture\/(corrupt|truncated)/)
  })
}

test('zst with something else behind it', { skip: skipZstd }, async () => {
  const { texts, problems } = await read(file(Buffer.concat([zstd!(CAPTURE), Buffer.from('something else')])))
  assertTexts(texts, TEXTS)
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['capture/corrupt'],
  )
})

async function fatal(path: string): Promise<Problem> {
  try {
    await read(path)
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
  throw new Error('nothing was thrown')
}

test('what cannot be read', async () => {
  const nowhere = join(folder, 'nowhere.pcap')
  assert.deepEqual(await fatal(nowhere), {
    code: 'capture/unreadable',
    message: `${nowhere}: cannot be read: ENOENT: no such file or directory`,
  })
  assert.match((await fatal(folder)).message, /cannot be read: EISDIR/)
})

test('what is no capture', async () => {
  const path = fileURLToPath(import.meta.url)
  const problem = await fatal(path)
  assert.equal(problem.code, 'capture/not-a-capture')
  assert.ok(problem.message.startsWith(`${path}: this is not a packet capture`))
  assert.equal((await fatal(file(zlib.gzipSync(Buffer.from('some text'))))).code, 'capture/not-a-capture')
  assert.equal((await fatal(file(new Uint8Array(0)))).code, 'capture/not-a-capture')
})
