import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type IsisKey, isAuthentic } from '../../../src/wire/isis/authentication.ts'
import { isChecksumRight } from '../../../src/wire/isis/checksum.ts'
import { findPdu } from '../../../src/wire/isis/frame.ts'
import { entriesOf, threeWayOf } from '../../../src/wire/isis/hello.ts'
import { PDU, type Pdu, parsePdu } from '../../../src/wire/isis/pdu.ts'
import { threeWayTlv, writeCsnps, writeHello, writePsnp } from '../../../src/wire/isis/write.ts'
import { frameOf, lspOctets } from '../../support/isis-writer.ts'

/** FRR 8.4: the L2 LSP of a pseudonode, off a LAN. */
const FRR_LSP = Buffer.from(
  '831b010014010000003304760000000000030200000000028a3a03161600000000000300000000000000000000020000000000',
  'hex',
)

function read(octets: Uint8Array): Pdu {
  const pdu = parsePdu(octets, 0, octets.length)
  if (typeof pdu === 'string') throw new Error(pdu)
  return pdu
}

describe('PDUs', () => {
  it('an LSP of FRR, and the checksum that it has', () => {
    const octets = Uint8Array.from(FRR_LSP)
    const pdu = read(octets)
    assert.equal(pdu.kind === 'lsp' && pdu.id, '0000.0000.0003.02-00')
    assert.ok(isChecksumRight(octets))
    for (let at = 12; at < octets.length; at++) {
      const other = new Uint8Array(octets)
      other[at] = (other[at] as number) ^ 0x10
      assert.ok(!isChecksumRight(other), `octet ${at}`)
    }
  })

  it('the checksum that is put in is right', () => {
    for (let sequence = 1; sequence < 600; sequence++) {
      assert.ok(isChecksumRight(lspOctets({ id: '0000.0000.0001.00-00', sequence, tlvs: [[137, [sequence & 255]]] })))
    }
  })

  it('a hello with the three-way handshake', () => {
    const neighbor = { systemId: '0000.0000.0002', circuit: 7 }
    const hello = { type: PDU.helloP2p, levels: 3, systemId: '0000.0000.0001', holdSeconds: 30, circuitId: 1 }
    const pdu = read(writeHello(hello, [threeWayTlv(1, 5, neighbor)], undefined))
    assert.ok(pdu.kind === 'hello')
    assert.deepEqual([pdu.systemId, pdu.holdSeconds, pdu.levels, pdu.level], ['0000.0000.0001', 30, 3, undefined])
    assert.deepEqual(threeWayOf(pdu), { state: 1, circuit: 5, neighbor: '0000.0000.0002', neighborCircuit: 7 })
  })

  it('CSNPs cover all ids without a hole', () => {
    const entries = Array.from({ length: 40 }, (_, index) => ({
      id: `0000.0000.00${String(index).padStart(2, '0')}.00-ff`,
      sequence: index + 1,
      checksum: 5,
      lifetimeSeconds: 60,
    }))
    const pdus = writeCsnps(2, '0000.0000.0009', entries, 15, undefined).map(read)
    const snps = pdus.flatMap(pdu => (pdu.kind === 'csnp' ? [pdu] : []))
    assert.deepEqual(
      snps.map(({ first, last }) => [first, last]),
      [
        ['0000.0000.0000.00-00', '0000.0000.0014.00-ff'],
        ['0000.0000.0014.01-00', '0000.0000.0029.00-ff'],
        ['0000.0000.0029.01-00', 'ffff.ffff.ffff.ff-ff'],
      ],
    )
    assert.deepEqual(snps.flatMap(entriesOf), entries)
    assert.equal(writeCsnps(1, '0000.0000.0009', [], 15, undefined).length, 1)
  })

  it('what is cut, too long or of another protocol is none', () => {
    const octets = lspOctets({ id: '0000.0000.0001.00-00', tlvs: [[137, [65]]] })
    for (let end = 0; end < octets.length; end++) assert.equal(typeof parsePdu(octets, 0, end), 'string')
    const longTlv = new Uint8Array(octets)
    longTlv[28] = 9
    assert.match(String(parsePdu(longTlv, 0, longTlv.length)), /TLVs do not fill it/)
  })

  it('behind Ethernet, tags, PPP, HDLC, cooked captures', () => {
    const pdu = lspOctets({ id: '0000.0000.0001.00-00' })
    const frame = frameOf(pdu)
    const tagged = Uint8Array.from([...frame.subarray(0, 12), 0x81, 0, 0, 5, ...frame.subarray(12)])
    assert.equal(findPdu(1, frame, 0, frame.length), 17)
    assert.equal(findPdu(1, tagged, 0, tagged.length), 21)
    const cooked = Uint8Array.from([...new Array(14).fill(0), 0, 4, 0xfe, 0xfe, 3, ...pdu])
    assert.equal(findPdu(113, cooked, 0, cooked.length), 19)
    const hdlc = Uint8Array.from([0x8f, 0, 0xfe, 0xfe, 0, ...pdu])
    assert.equal(findPdu(104, hdlc, 0, hdlc.length), 5)
    const ppp = Uint8Array.from([0xff, 3, 0, 0x23, ...pdu])
    assert.equal(findPdu(9, ppp, 0, ppp.length), 4)
    const ip = Uint8Array.from([...frame.subarray(0, 12), 8, 0, 0x45, 0, 0])
    assert.equal(findPdu(1, ip, 0, ip.length), -1)
  })
})

describe('authentication', () => {
  const secret = new TextEncoder().encode('secret')
  const keys: readonly IsisKey[] = [
    { algorithm: 'text', keyId: 0, secret },
    { algorithm: 'md5', keyId: 0, secret },
    { algorithm: 'sha1', keyId: 1, secret },
    { algorithm: 'sha256', keyId: 300, secret },
    { algorithm: 'sha512', keyId: 2, secret },
  ]
  for (const key of keys) {
    it(`${key.algorithm}: ours is right, a changed one is not, nor one of another key`, () => {
      const entries = [{ id: '0000.0000.0001.00-00', sequence: 1, checksum: 2, lifetimeSeconds: 3 }]
      const octets = writePsnp(2, '0000.0000.0009', entries, key)
      assert.ok(isAuthentic(read(octets), [key]))
      const other = { ...key, secret: new TextEncoder().encode('secreT') }
      assert.ok(!isAuthentic(read(octets), [other]))
      assert.ok(isAuthentic(read(octets), [other, key]))
      const changed = new Uint8Array(octets)
      changed[changed.length - 1] = 9
      assert.equal(isAuthentic(read(changed), [key]), key.algorithm === 'text')
      assert.ok(!isAuthentic(read(writePsnp(2, '0000.0000.0009', entries, undefined)), [key]))
    })
  }

  it('the key id is part of the key', () => {
    const key = keys[2] as IsisKey
    assert.ok(!isAuthentic(read(writePsnp(2, '0000.0000.0009', [], key)), [{ ...key, keyId: 2 }]))
  })
})
