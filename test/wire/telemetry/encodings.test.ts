import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isProblem } from '../../../src/contract/problem.ts'
import { decodeCbor } from '../../../src/wire/telemetry/cbor.ts'
import { JsonDocuments } from '../../../src/wire/telemetry/json-documents.ts'
import { decodeXml } from '../../../src/wire/telemetry/xml.ts'

const cbor = (hex: string) => decodeCbor(Buffer.from(hex, 'hex'))
const xml = (text: string) => decodeXml(Buffer.from(text))

describe('CBOR', () => {
  // RFC 8949 appendix A, where JSON has the value.
  const EXAMPLES: readonly (readonly [string, unknown])[] = [
    ['00', 0],
    ['1818', 24],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['1bffffffffffffffff', 18_446_744_073_709_551_615n],
    ['c249010000000000000000', 18_446_744_073_709_551_616n],
    ['c349010000000000000000', -18_446_744_073_709_551_617n],
    ['3903e7', -1000],
    ['f93e00', 1.5],
    ['f90001', 2 ** -24],
    ['f9c400', -4],
    ['fa47c35000', 100_000],
    ['fb3ff199999999999a', 1.1],
    ['f97c00', 'Infinity'],
    ['f4', false],
    ['f6', null],
    ['c074323031332d30332d32315432303a30343a30305a', '2013-03-21T20:04:00Z'],
    ['4401020304', 'AQIDBA=='],
    ['62c3bc', 'ü'],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['a201020304', { '1': 2, '3': 4 }],
    ['5f42010243030405ff', 'AQIDBAU='],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    // RFC 9254 section 6.2: decimal64 2.57.
    ['c48221190101', '2.57'],
    ['c4822104', '0.04'],
    ['c48220390100', '-25.7'],
    ['d82c03', 3],
  ]
  for (const [hex, value] of EXAMPLES) it(hex, () => assert.deepEqual(cbor(hex), value))

  it('says what is wrong', () => {
    for (const hex of [
      '',
      '18',
      '62c3',
      '9f01',
      'ff',
      '83',
      '1c',
      '7f01ff',
      '0000',
      '62c328',
      '81ff',
      'f8',
      `${'81'.repeat(200)}00`,
    ]) {
      const problem = cbor(hex)
      assert.ok(isProblem(problem) && problem.code === 'telemetry/cbor', hex)
    }
  })
})

describe('XML', () => {
  it('becomes JSON of the same names', () => {
    const document = `<?xml version="1.0"?><!-- a <comment> -->
      <notification xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0">
        <eventTime>2026-01-01T00:00:00Z</eventTime>
        <push-update xmlns='urn:ietf:params:xml:ns:yang:ietf-yang-push'>
          <id>4</id>
          <datastore-contents>
            <if:interfaces xmlns:if="urn:ietf:params:xml:ns:yang:ietf-interfaces">
              <if:interface><if:name>a &amp; b</if:name><if:up/></if:interface>
              <if:interface><if:name><![CDATA[<c>]]></if:name></if:interface>
            </if:interfaces>
          </datastore-contents>
        </push-update>
      </notification>`
    assert.deepEqual(xml(document), {
      'ietf-notification:notification': {
        eventTime: '2026-01-01T00:00:00Z',
        'ietf-yang-push:push-update': {
          id: '4',
          'datastore-contents': {
            'ietf-interfaces:interfaces': { interface: [{ name: 'a & b', up: '' }, { name: '<c>' }] },
          },
        },
      },
    })
  })

  it('numbers of characters are read, entities are not expanded', () => {
    assert.deepEqual(xml('<a>&#65;&#x42;&lt;&x;&#9999999;</a>'), { a: 'AB<&x;&#9999999;' })
  })

  it('says what is wrong', () => {
    const wrong = [
      '',
      'text',
      '<a>',
      '<a></b>',
      '</a>',
      '<a/><b/>',
      '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
      '<a b=c/>',
      '<a'.repeat(9),
    ]
    for (const text of [...wrong, '<a>'.repeat(200)]) {
      const problem = xml(text)
      assert.ok(isProblem(problem) && problem.code === 'telemetry/xml', text)
    }
  })
})

describe('JSON documents', () => {
  const text = '{"a":"}{\\"[","b":[{}]}\n\x1e[1,2]\n{}{"c":12345678901234567890}'
  const values = [{ a: '}{"[', b: [{}] }, [1, 2], {}, { c: 12_345_678_901_234_567_890n }]

  it('are found wherever the octets are cut', () => {
    const octets = Buffer.from(text)
    for (let cut = 0; cut <= octets.length; cut++) {
      const documents = new JsonDocuments(1000)
      const found = [...documents.take(octets, 0, cut), ...documents.take(octets, cut, octets.length)]
      assert.deepEqual(found, values, `cut at ${cut}`)
      assert.equal(documents.rest + documents.garbage, 0)
    }
  })

  it('one that cannot be read does not hold up the next', () => {
    const documents = new JsonDocuments(30)
    const octets = Buffer.from(`{"a":x} junk {"long":"${'}'.repeat(40)}"} {"b":1}{`)
    const found = [...documents.take(octets, 0, octets.length)]
    assert.deepEqual(
      found.map(value => (isProblem(value) ? value.code : value)),
      ['telemetry/json', 'telemetry/too-long', { b: 1 }],
    )
    assert.equal(documents.garbage, 4)
    assert.equal(documents.rest, 1)
  })
})
