/** Every UDP payload, octet by octet, as tshark finds it. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BIG, blocks, ENDPOINTS6, ethernet, join, LITTLE, packet, readCapture } from './captures.ts'
import { fragment4, fragment6 } from './fragments.ts'
import { FRAMES } from './link-frames.ts'

const CORPUS = fileURLToPath(new URL('../../../../shared/corpus/cases/', import.meta.url))
const missing = ['tshark', 'mergecap'].find(tool => spawnSync(tool, ['--version']).error)
const skip = missing ? `${missing} is not installed` : false
const folder = mkdtempSync(joinPath(tmpdir(), 'netally-tshark-'))
after(() => rmSync(folder, { recursive: true }))

/** UDP in another IP packet (tunnels, ICMP errors): tshark looks into those, a collector does not. */
const isNested = (protocols: string) =>
  /:(ip|ipv6):(.*:)?(ip|ipv6):(.*:)?udp/.test(protocols.replace(/:udp:.*/, ':udp'))

function payloadsByTshark(path: string): string[] {
  const fields = ['-e', 'frame.protocols', '-e', 'udp.payload', '-E', 'occurrence=f']
  const lines = spawnSync('tshark', ['-r', path, '-Y', 'udp', '-T', 'fields', ...fields], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  }).stdout.split('\n')
  const rows = lines.filter(line => line !== '').map(line => line.split('\t'))
  return rows.filter(([protocols = '']) => !isNested(protocols)).map(([, payload = '']) => payload)
}

const payloadsByUs = (capture: Uint8Array): string[] =>
  readCapture(capture).datagrams.map(({ text }) => Buffer.from(text, 'latin1').toString('hex'))

test('the shared corpus', { skip: skip || (existsSync(CORPUS) ? false : 'the shared corpus is not here') }, () => {
  const captures = globSync('*/*.pcap', { cwd: CORPUS })
    .sort()
    .map(name => joinPath(CORPUS, name))
  const merged = joinPath(folder, 'merged.pcapng')
  execFileSync('mergecap', ['-a', '-w', merged, ...captures])
  const expected = payloadsByTshark(merged)
  assert.ok(expected.length > 1000)
  assert.deepEqual(payloadsByUs(readFileSync(merged)), expected)
  const oneByOne = captures.flatMap(path => payloadsByUs(readFileSync(path)))
  assert.deepEqual(oneByOne, expected)
})

for (const order of [LITTLE, BIG]) {
  const orderName = order.little ? 'little-endian' : 'big-endian'
  const otherName = order.little ? 'big-endian' : 'little-endian'

  test(`all link layers and fragments, ${orderName}`, { skip }, () => {
    // What 12 and 14 mean depends on the system of who captured; NFLOG is read in the byte order of the file.
    const frames = FRAMES.filter(
      ([name, type]) => type !== 12 && type !== 14 && !name.startsWith(`NFLOG, ${otherName}`),
    )
    const types = [...new Set(frames.map(([, linkType]) => linkType))]
    const { section, describe, enhanced } = blocks(order)
    const capture = join(
      ...[section(), ...types.map(type => describe(type))],
      ...frames.map(([, linkType, frame], index) => enhanced(types.indexOf(linkType), BigInt(index), frame)),
      ...fragments().map((frame, index) => enhanced(types.indexOf(1), BigInt(1000 + index), frame)),
    )
    const path = joinPath(folder, `${orderName}.pcapng`)
    writeFileSync(path, capture)
    const expected = payloadsByTshark(path)
    assert.equal(expected.length, frames.length + 2)
    assert.deepEqual(payloadsByUs(capture), expected)
  })
}

function fragments(): Buffer[] {
  const text = 'some text that is cut in pieces '.repeat(20)
  const whole4 = packet(text)
  const whole6 = packet(text, ENDPOINTS6)
  return [
    ...[ethernet('0800', fragment4(whole4, 320, 648)), ethernet('86dd', fragment6(whole6, 0, 320))],
    ...[ethernet('0800', fragment4(whole4, 0, 320)), ethernet('86dd', fragment6(whole6, 320, 648))],
  ]
}
