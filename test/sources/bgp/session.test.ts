// Timers of a session, on a clock of the test's own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BgpSession } from '../../../src/sources/bgp/session.ts'
import { HEADER_OCTETS, KEEPALIVE } from '../../../src/wire/bgp/message.ts'
import { open, SPEAKER } from './scripted-peer.ts'

class Bench {
  readonly sent: number[] = []
  readonly session: BgpSession

  constructor(holdSeconds: number) {
    const send = (octets: Uint8Array) => this.sent.push(octets[18] as number)
    this.session = new BgpSession({ ...SPEAKER, holdSeconds }, { localAddress: '192.0.2.254', send }, 0)
  }

  hear(message: Uint8Array, nowMs: number) {
    const view = new DataView(message.buffer, message.byteOffset, message.length)
    const header = { type: message[18] as number, length: message.length }
    return this.session.take(header, message, view, HEADER_OCTETS, message.length, nowMs)
  }

  up(opening = open()): this {
    assert.equal(this.hear(opening, 0), undefined)
    assert.equal(this.hear(keepalive, 0), undefined)
    assert.equal(this.session.state, 'established')
    return this
  }
}

const keepalive = Uint8Array.from([...Array(16).fill(255), 0, 19, KEEPALIVE])

test('the hold timer expires when nothing is heard, with NOTIFICATION 4', () => {
  const { session } = new Bench(90).up(open({}, { holdSeconds: 30 }))
  assert.equal(session.holdMs, 30_000)
  assert.equal(session.tick(29_999, false), undefined)
  assert.deepEqual(session.tick(30_000, false)?.notification, { code: 4, subcode: 0, data: new Uint8Array(0) })
})

test('what was heard starts it again; so does what waits to be read', () => {
  const bench = new Bench(30).up()
  bench.hear(keepalive, 20_000)
  assert.equal(bench.session.tick(49_000, false), undefined)
  assert.equal(bench.session.tick(60_000, true), undefined, 'we are the slow ones')
  assert.equal(bench.session.tick(89_999, false), undefined)
  assert.equal(bench.session.tick(90_000, false)?.notification.code, 4)
})

test('a keepalive every third of the hold time', () => {
  const { session, sent } = new Bench(30).up()
  assert.deepEqual(sent, [1, 4])
  for (let seconds = 1; seconds <= 29; seconds++) session.tick(seconds * 1000, false)
  assert.deepEqual(sent, [1, 4, 4, 4])
})

test('a hold time of 0 is no timer and no keepalives', () => {
  const { session, sent } = new Bench(30).up(open({}, { holdSeconds: 0 }))
  assert.equal(session.tick(1e9, false), undefined)
  assert.deepEqual(sent, [1, 4])
})

test('a peer that never says OPEN is given up', () => {
  const { session, sent } = new Bench(30)
  assert.equal(session.tick(239_000, false), undefined)
  assert.equal(session.tick(240_000, false)?.notification.code, 4)
  assert.deepEqual(sent, [])
})
