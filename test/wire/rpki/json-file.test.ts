// Files of validators: the forms that there are, and entries that are none.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isProblem } from '../../../src/contract/problem.ts'
import { RpkiSet } from '../../../src/lookup/rpki-set.ts'
import { type RpkiFile, readRpkiJson } from '../../../src/wire/rpki/json-file.ts'
import { payloadFields, payloadOf } from '../../../src/wire/rpki/records.ts'

const KEY = { ski: '510F485D29A29DB7B515F9C478F8ED3CB7AA7D23', pubkey: 'MFkwEwYH' }

function read(file: object, nowSeconds?: number): { file: RpkiFile; rows: object[] } {
  const set = new RpkiSet()
  const result = readRpkiJson(JSON.stringify(file), 'test.json', nowSeconds, set)
  assert.ok(!isProblem(result))
  return { file: result as RpkiFile, rows: [...set].map(payloadFields) }
}

describe('JSON of validators', () => {
  it('rpki-client 8: numbers, ASPAs by address family, router keys', () => {
    const { file, rows } = read({
      metadata: { buildtime: '2026-11-25T10:00:00Z', vrps: 1 },
      roas: [{ asn: 64496, prefix: '192.0.2.0/24', maxLength: 26, ta: 'test', expires: 1800000000 }],
      bgpsec_keys: [{ asn: 64496, ...KEY, ta: 'test', expires: 1800000000 }],
      provider_authorizations: {
        ipv4: [{ customer_asid: 64496, expires: 1800000000, providers: [64501, 64500] }],
        ipv6: [],
      },
    })
    assert.deepEqual(rows, [
      { rpki_type: 'roa', ip_prefix: '192.0.2.0/24', max_length: 26, origin_as: 64496 },
      { rpki_type: 'aspa', afi: 1, customer_as: 64496, provider_as: [64500, 64501] },
      { rpki_type: 'router-key', origin_as: 64496, ski: KEY.ski.toLowerCase(), spki: KEY.pubkey },
    ])
    assert.equal(file.madeSeconds, Date.UTC(2026, 10, 25, 10) / 1000)
  })

  it('rpki-client 9: ASPAs without address family; several of a customer count together', () => {
    const { rows } = read({
      roas: [],
      aspas: [
        { customer_asid: 64496, expires: 1800000000, providers: [64500] },
        { customer_asid: 64496, expires: 1800000000, providers: [64502, 64500] },
        { customer_asid: 64497, providers: [0] },
        { customer_asid: 64497, providers: [64500] },
      ],
    })
    assert.deepEqual(rows, [
      { rpki_type: 'aspa', customer_as: 64496, provider_as: [64500, 64502] },
      { rpki_type: 'aspa', customer_as: 64497, provider_as: [64500] },
    ])
  })

  it('Routinator and the RIPE validator: AS as text', () => {
    const { file, rows } = read({
      metadata: { generated: 1764064800, generatedTime: '2025-11-25T10:00:00Z' },
      roas: [{ asn: 'AS64496', prefix: '2001:db8::/32', maxLength: 48, ta: 'test' }],
      routerKeys: [{ asn: 'AS64496', SKI: KEY.ski, routerPublicKey: KEY.pubkey, ta: 'test' }],
      aspas: [{ customer: 'AS64496', providers: ['AS64500'], ta: 'test' }],
    })
    assert.deepEqual(rows, [
      { rpki_type: 'roa', ip_prefix: '2001:db8::/32', max_length: 48, origin_as: 64496 },
      { rpki_type: 'aspa', customer_as: 64496, provider_as: [64500] },
      { rpki_type: 'router-key', origin_as: 64496, ski: KEY.ski.toLowerCase(), spki: KEY.pubkey },
    ])
    assert.equal(file.madeSeconds, 1764064800)
  })

  it('what is over by now is left out, and when the next is over is told', () => {
    const roas = [
      { asn: 1, prefix: '10.0.0.0/8', maxLength: 8, expires: 100 },
      { asn: 2, prefix: '10.0.0.0/8', maxLength: 8, expires: 300 },
      { asn: 3, prefix: '10.0.0.0/8' },
    ]
    const { file, rows } = read({ roas }, 200)
    assert.equal(rows.length, 2)
    assert.deepEqual([file.expired, file.nextExpirySeconds], [1, 300])
  })

  it('entries that are none are counted, the first is told', () => {
    const roas = [
      { asn: 'AS64496', prefix: '192.0.2.0/24', maxLength: 24 },
      { asn: 'ASX', prefix: '192.0.2.0/24', maxLength: 24 },
      { asn: 2 ** 32, prefix: '192.0.2.0/24', maxLength: 24 },
      { asn: 1, prefix: '192.0.2.0/33', maxLength: 33 },
      { asn: 1, prefix: '192.0.2.0/24', maxLength: 23 },
      { asn: 1, prefix: '2001:db8::/32', maxLength: 129 },
      'no object',
    ]
    const { file, rows } = read({ roas })
    assert.equal(rows.length, 1)
    assert.deepEqual([file.bad, file.firstBad], [6, 'roas[1]: "ASX" is no AS'])
  })

  it('no JSON, and JSON without ROAs', () => {
    const codes = ['{', '[]', '{"prefixes":[]}', 'null'].map(text => {
      const result = readRpkiJson(text, 'test.json', undefined, new RpkiSet())
      return isProblem(result) && result.code
    })
    assert.deepEqual(codes, ['rpki/bad-json', 'rpki/no-roas', 'rpki/no-roas', 'rpki/no-roas'])
  })

  it('records are read back as what they were made of', () => {
    const set = new RpkiSet()
    const text = JSON.stringify({
      roas: [{ asn: 1, prefix: '10.0.0.0/8', maxLength: 24 }],
      aspas: [{ customer_asid: 1, providers: [2, 3] }],
      bgpsec_keys: [{ asn: 1, ...KEY }],
      provider_authorizations: { ipv4: [], ipv6: [{ customer_asid: 1, providers: [4] }] },
    })
    readRpkiJson(text, 'test.json', undefined, set)
    assert.equal(set.size, 4)
    for (const payload of set) assert.deepEqual(payloadOf(payloadFields(payload)), payload)
    assert.equal(payloadOf({ rpki_type: 'roa', ip_prefix: '10.0.0.0/8', max_length: 7, origin_as: 1 }), undefined)
    assert.equal(payloadOf({ rpki_type: 'aspa', customer_as: -1, provider_as: [] }), undefined)
    assert.equal(payloadOf({ ip_prefix: '10.0.0.0/8' }), undefined)
  })
})
