// PDUs of the three versions: what is read, and what is refused with which error.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { prefixText } from '../../../src/lookup/prefix.ts'
import type { Change } from '../../../src/lookup/rpki-set.ts'
import {
  readEndOfData,
  readErrorText,
  writeErrorReport,
  writeResetQuery,
  writeSerialQuery,
} from '../../../src/wire/rtr/control.ts'
import { isRtrProblem, type RtrProblem } from '../../../src/wire/rtr/errors.ts'
import { readPayload } from '../../../src/wire/rtr/payload.ts'
import { type Pdu, readPdu } from '../../../src/wire/rtr/pdu.ts'
import * as write from './rtr-writer.ts'

interface Read {
  readonly pdu: Pdu
  readonly octets: Uint8Array
  readonly view: DataView
}

function framed(numbers: readonly number[]): Read | RtrProblem {
  // Not at the start of its buffer: offsets count.
  const octets = Uint8Array.from([9, 9, 9, ...numbers]).subarray(3)
  const view = new DataView(octets.buffer, 3)
  const pdu = readPdu(view, 0, octets.length)
  assert.ok(pdu)
  return isRtrProblem(pdu) ? pdu : { pdu, octets, view }
}

function payload(numbers: readonly number[]): Change | RtrProblem {
  const read = framed(numbers)
  return isRtrProblem(read) ? read : readPayload(read.pdu, read.octets, read.view, 0)
}

const errorCode = (result: object): number => {
  assert.ok(isRtrProblem(result), JSON.stringify(result))
  return result.errorCode
}

function roaText(result: Change | RtrProblem): string {
  assert.ok(!isRtrProblem(result))
  assert.ok(result.payload.kind === 'roa')
  const { prefix, maxLength, asn } = result.payload
  return `${result.announced ? '+' : '-'} ${prefixText(prefix)}-${maxLength} AS${asn}`
}

describe('RTR PDUs', () => {
  it('prefixes', () => {
    assert.equal(roaText(payload(write.roa(0, '192.0.2.0/24', 26, 64496))), '+ 192.0.2.0/24-26 AS64496')
    assert.equal(roaText(payload(write.roa(1, '2001:db8::/32', 48, 2 ** 32 - 1))), '+ 2001:db8::/32-48 AS4294967295')
    assert.equal(roaText(payload(write.roa(2, '0.0.0.0/0', 0, 0, false))), '- 0.0.0.0/0-0 AS0')
    assert.equal(errorCode(payload(write.roa(1, '192.0.2.0/24', 23, 1))), 0)
    assert.equal(errorCode(payload(write.roa(1, '192.0.2.0/24', 33, 1))), 0)
    assert.equal(errorCode(payload(write.roa(1, '2001:db8::/32', 129, 1))), 0)
  })

  it('router keys, from version 1 on', () => {
    const ski = Array.from({ length: 20 }, (_, index) => index)
    const key = payload(write.routerKey(1, 64496, ski, [1, 2, 3]))
    const expected = {
      kind: 'router-key',
      asn: 64496,
      ski: '000102030405060708090a0b0c0d0e0f10111213',
      spki: 'AQID',
    }
    assert.deepEqual(key, { announced: true, payload: expected })
    assert.equal(errorCode(payload(write.routerKey(0, 64496, ski, [1, 2, 3]))), 5)
    assert.equal(errorCode(payload(write.routerKey(1, 64496, ski, []))), 0)
  })

  it('ASPAs of 8210bis-27', () => {
    const made = { kind: 'aspa', customer: 64496, afi: 0, providers: [64500, 64501] }
    assert.deepEqual(payload(write.aspa(64496, [64501, 64500])), { announced: true, payload: made })
    const gone = { kind: 'aspa', customer: 64496, afi: 0, providers: [] }
    assert.deepEqual(payload(write.aspa(64496, [], false)), { announced: false, payload: gone })
    const none = { kind: 'aspa', customer: 64496, afi: 0, providers: [0] }
    assert.deepEqual(payload(write.aspa(64496, [0])), { announced: true, payload: none })
    // Its customer would be the right count of the older layout.
    const alike = { kind: 'aspa', customer: 1, afi: 0, providers: [5, 6] }
    assert.deepEqual(payload(write.aspa(1, [5, 6])), { announced: true, payload: alike })
    assert.equal(errorCode(payload(write.aspa(64496, []))), 9)
    assert.equal(errorCode(payload(write.aspa(64496, [0, 64500]))), 9)
    assert.equal(errorCode(payload(write.aspa(64496, [64500, 64500]))), 9)
    assert.equal(errorCode(payload(write.pdu(1, 11, 0x100, [0, 0, 0, 1, 0, 0, 0, 2]))), 5)
    assert.equal(errorCode(payload(write.pdu(2, 11, 0x100, [0, 0, 0, 1, 0, 0]))), 0)
    // A withdrawal with a provider, whose octets are no count of the older layout.
    assert.equal(errorCode(payload(write.pdu(2, 11, 0, [0, 0, 0, 7, 0, 0, 0, 2]))), 9)
  })

  it('ASPAs of 8210bis-10, for each address family', () => {
    const made = { kind: 'aspa', customer: 64496, afi: 2, providers: [64500, 64501] }
    assert.deepEqual(payload(write.oldAspa(2, 64496, [64500, 64501])), { announced: true, payload: made })
    const gone = { kind: 'aspa', customer: 64496, afi: 1, providers: [] }
    assert.deepEqual(payload(write.oldAspa(1, 64496, [64500], false)), { announced: false, payload: gone })
    assert.deepEqual(payload(write.oldAspa(1, 64496, [], false)), { announced: false, payload: gone })
  })

  it('End of Data: timers from version 1 on, within their bounds', () => {
    const read = (numbers: readonly number[]) => {
      const found = framed(numbers)
      assert.ok(!isRtrProblem(found))
      return readEndOfData(found.pdu, found.view, 0)
    }
    assert.deepEqual(read(write.endOfData(0, 7, 9)), { sessionId: 7, serial: 9, timers: undefined })
    const timers = { refresh: 60, retry: 30, expire: 900 }
    assert.deepEqual(read(write.endOfData(1, 7, 9, [60, 30, 900])), { sessionId: 7, serial: 9, timers })
    const bounded = { refresh: 1, retry: 7200, expire: 172_800 }
    assert.deepEqual(read(write.endOfData(2, 7, 9, [0, 9999, 999_999])), { sessionId: 7, serial: 9, timers: bounded })
    // What expires before it is refreshed.
    const longer = { refresh: 3600, retry: 60, expire: 3601 }
    assert.deepEqual(read(write.endOfData(1, 7, 9, [3600, 60, 700])), { sessionId: 7, serial: 9, timers: longer })
    assert.equal(errorCode(read(write.pdu(0, 7, 7, write.endOfData(1, 7, 9).slice(8)))), 0)
  })

  it('queries and error reports as octets', () => {
    assert.deepEqual([...writeResetQuery(2)], [2, 2, 0, 0, 0, 0, 0, 8])
    assert.deepEqual([...writeSerialQuery(1, 0x0102, 0x03040506)], [1, 1, 1, 2, 0, 0, 0, 12, 3, 4, 5, 6])
    const report = writeErrorReport(1, 3, Uint8Array.of(1, 2, 3), 'né')
    assert.deepEqual([...report], write.errorReport(1, 3, 'né', [1, 2, 3]))
  })

  it('the text of an error report, without control characters; none when it is cut', () => {
    const text = (numbers: readonly number[]) => {
      const found = framed(numbers)
      assert.ok(!isRtrProblem(found))
      return readErrorText(found.pdu, found.octets, found.view, 0)
    }
    assert.equal(text(write.errorReport(1, 2, 'no\u001b[31m data', [1, 2, 2, 0])), 'no [31m data')
    assert.equal(text(write.errorReport(1, 2, '')), '')
    assert.equal(text(write.pdu(1, 10, 2, [0, 0, 0, 99, 0, 0, 0, 0])), '')
    assert.equal(text(write.pdu(1, 10, 2, [0, 0, 0, 0, 0, 0, 0, 99])), '')
  })

  it('lengths that cannot be, types that there are not', () => {
    const at = (numbers: readonly number[]) => readPdu(new DataView(Uint8Array.from(numbers).buffer), 0, numbers.length)
    assert.equal(at(write.response(1, 7).slice(0, 7)), undefined)
    assert.equal(at(write.roa(1, '192.0.2.0/24', 24, 1).slice(0, -1)), undefined)
    assert.equal(errorCode(at([1, 4, 0, 0, 0, 0, 0, 19]) as object), 0)
    assert.equal(errorCode(at([1, 10, 0, 0, 0, 1, 0, 1]) as object), 0)
    assert.equal(errorCode(at([1, 5, 0, 0, 0, 0, 0, 8]) as object), 5)
  })
})
