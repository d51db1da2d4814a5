// Damaged PDUs, with fixed seeds: nothing throws, what is read is within its bounds, every chunking reads the same.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { payloadKey } from '../../../src/lookup/rpki-payload.ts'
import { PduBuffer } from '../../../src/sources/rpki/pdu-buffer.ts'
import { RtrSession } from '../../../src/sources/rpki/session.ts'
import { readEndOfData, readErrorText } from '../../../src/wire/rtr/control.ts'
import { isRtrProblem } from '../../../src/wire/rtr/errors.ts'
import { isPayload, readPayload } from '../../../src/wire/rtr/payload.ts'
import { END_OF_DATA, ERROR_REPORT } from '../../../src/wire/rtr/pdu.ts'
import { type Random, random } from '../../support/random.ts'
import * as write from './rtr-writer.ts'

const ROUNDS = Number(process.env.NETALLY_FUZZ ?? 3000)

const SKI = new Array<number>(20).fill(7)

function somePdu(source: Random): number[] {
  const version = source.whole(3)
  const asn = source.whole(2 ** 32)
  return source.pick([
    () => write.notify(version, 7, source.whole(9)),
    () => write.response(version, 7),
    () => write.roa(version, `10.${source.whole(256)}.0.0/16`, 16 + source.whole(17), asn, source.chance(0.8)),
    () => write.roa(version, `2001:db8:${source.whole(99)}::/48`, 48 + source.whole(81), asn, source.chance(0.8)),
    () => write.routerKey(1 + source.whole(2), asn, SKI, [1, 2, 3]),
    () => write.aspa(asn, [1, 2, 3].slice(0, 1 + source.whole(3))),
    () => write.oldAspa(1, asn, [1, 2]),
    () => write.endOfData(version, 7, source.whole(9)),
    () => write.cacheReset(version),
    () => write.errorReport(version, source.whole(12), 'words', write.response(version, 7)),
  ])()
}

function damaged(source: Random, whole: readonly number[]): number[] {
  const result = [...whole]
  for (let times = source.whole(3); times > 0 && result.length > 0; times--) {
    const at = source.whole(result.length)
    if (source.chance(0.2)) result.splice(at, 1 + source.whole(3))
    else result[at] = source.pick([0, 1, 255, 128, source.whole(256)])
  }
  return result
}

/** What PDUs say, as text, when the octets come in chunks. */
function told(octets: Uint8Array, chunk: () => number): string[] {
  const buffer = new PduBuffer()
  const said: string[] = []
  for (let at = 0; at < octets.length; ) {
    const next = Math.min(octets.length, at + chunk())
    buffer.give(octets.subarray(at, next))
    at = next
    for (let pdu = buffer.next(); pdu; pdu = buffer.next()) {
      if (isRtrProblem(pdu)) return [...said, pdu.code]
      const { view, start } = buffer
      assert.ok(pdu.length >= 8 && start + pdu.length <= view.byteLength)
      if (isPayload(pdu.type)) {
        const change = readPayload(pdu, buffer.octets, view, start)
        said.push(isRtrProblem(change) ? change.code : `${change.announced} ${payloadKey(change.payload)}`)
      } else if (pdu.type === END_OF_DATA) said.push(JSON.stringify(readEndOfData(pdu, view, start)))
      else if (pdu.type === ERROR_REPORT) said.push(readErrorText(pdu, buffer.octets, view, start))
      else said.push(JSON.stringify(pdu))
    }
  }
  return said
}

test('damaged streams: the same whatever the chunks, and nothing throws', () => {
  const source = random(7)
  for (let round = 0; round < ROUNDS; round++) {
    const octets = Uint8Array.from(
      Array.from({ length: 1 + source.whole(6) }, () => damaged(source, somePdu(source))).flat(),
    )
    const whole = told(octets, () => octets.length)
    const parts = told(octets, () => 1 + source.whole(9))
    assert.deepEqual(parts, whole)
  }
})

test('a session takes anything: it ends with one Error Report, or goes on', () => {
  const source = random(11)
  let [reports, deliveries] = [0, 0]
  for (let round = 0; round < ROUNDS; round++) {
    const sent: Uint8Array[] = []
    const session = new RtrSession(source.whole(3), undefined, {}, octets => sent.push(octets), 0)
    const buffer = new PduBuffer()
    const version = session.version
    const start = source.chance(0.7) ? write.response(version, 7) : []
    const pdus = Array.from({ length: source.whole(12) }, () => damaged(source, somePdu(source)))
    buffer.give(Uint8Array.from([...start, ...pdus.flat(), ...write.endOfData(version, 7, 1)]))
    while (!session.ending) {
      const pdu = buffer.next()
      if (!pdu) break
      if (isRtrProblem(pdu)) session.fail(pdu, buffer.rest)
      else if (session.take(pdu, buffer.octets, buffer.view, buffer.start, round)) deliveries++
    }
    const errors = sent.filter(octets => octets[1] === ERROR_REPORT)
    assert.ok(errors.length <= 1)
    for (const octets of errors) assert.equal(new DataView(octets.buffer).getUint32(4), octets.length)
    reports += errors.length
    if (errors.length > 0) assert.ok(session.ending)
  }
  assert.ok(reports > ROUNDS / 10 && deliveries > ROUNDS / 100, `${reports} reports, ${deliveries} deliveries`)
})
