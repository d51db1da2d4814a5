import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Messages } from '../src/messages.ts'
import { NotificationReader } from '../src/notification.ts'
import type { Payload } from '../src/payload.ts'

const messages = new Messages('gnmi')
const reader = new NotificationReader(messages)
const read = (response: object) => reader.read(messages.type('SubscribeResponse').encode(response))

/** The value that a typed value becomes. */
function value(val: object): unknown {
  const { data } = read({ update: { update: [{ path: { elem: [{ name: 'a' }] }, val }] } }) as Payload
  return (data as unknown as { updates: { value: unknown }[] }).updates[0]?.value
}

const text = (json: string) => Buffer.from(json).toString('base64')

it('each kind of value', () => {
  for (const [val, expected] of [
    [{ string_val: 'x' }, 'x'],
    [{ string_val: '' }, ''],
    [{ int_val: '-9223372036854775808' }, -9223372036854775808n],
    [{ int_val: -1 }, -1],
    [{ uint_val: '18446744073709551615' }, 18446744073709551615n],
    [{ uint_val: '9007199254740991' }, 9007199254740991],
    [{ uint_val: '9007199254740993' }, 9007199254740993n],
    [{ uint_val: 0 }, 0],
    [{ bool_val: false }, false],
    [{ bytes_val: 'Af8=' }, 'Af8='],
    [{ proto_bytes: 'Af8=' }, 'Af8='],
    [{ ascii_val: 'a b' }, 'a b'],
    [{ float_val: 0.1 }, 0.1],
    [{ float_val: 16777216 }, 16777216],
    [{ double_val: 0.1 }, 0.1],
    [{ double_val: Number.NaN }, 'NaN'],
    [{ decimal_val: { digits: 5, precision: 3 } }, 0.005],
    [{ decimal_val: { digits: -12345, precision: 2 } }, -123.45],
    [{ decimal_val: { digits: 7 } }, 7],
    [{ decimal_val: { digits: '1234567890123456789', precision: 18 } }, '1.234567890123456789'],
    [{ leaflist_val: { element: [{ string_val: 'a' }, { uint_val: 2 }] } }, ['a', 2]],
    [{ any_val: { type_url: 't', value: 'AQ==' } }, { type_url: 't', value: 'AQ==' }],
    [{ json_val: text('{"a":[1,12345678901234567890]}') }, { a: [1, 12345678901234567890n] }],
    [{ json_val: text('12345678901234567890') }, 12345678901234567890n],
    [{ json_ietf_val: text('"12345678901234567890"') }, '12345678901234567890'],
    [{ json_ietf_val: text('null') }, null],
    [{ json_ietf_val: text('{"a":') }, '{"a":'],
    [{ json_ietf_val: text('oops') }, 'oops'],
    [{}, null],
  ] as const) {
    assert.deepEqual(value(val), expected, JSON.stringify(val))
  }
})

it('a notification with prefix, updates and deletes', () => {
  const said = read({
    update: {
      timestamp: '1700000000123456789',
      prefix: { origin: 'openconfig', target: 'r1', elem: [{ name: 'a', key: { k: ']' } }] },
      update: [{ path: { elem: [{ name: 'b' }] }, val: { uint_val: 1 }, duplicates: 2 }],
      delete: [{ elem: [{ name: 'c' }] }],
      atomic: true,
    },
  })
  assert.deepEqual(said, {
    data: {
      timestamp: 1700000000123456789n,
      prefix: 'openconfig:/a[k=\\]]',
      target: 'r1',
      updates: [{ path: '/b', value: 1, duplicates: 2 }],
      deletes: ['/c'],
      atomic: true,
    },
    serialization: 'proto',
    protocol: 'gnmi',
  })
})

it('values of gNMI before 0.3, its paths, and its errors', () => {
  const { data } = read({
    update: { update: [{ path: { element: ['a'] }, value: { value: text('7'), type: 0 } }] },
  }) as Payload
  assert.deepEqual(data, { timestamp: 0, updates: [{ path: '/a', value: 7 }] })
  const empty = read({ update: { update: [{ path: { element: ['a'] }, value: { type: 0 } }] } }) as Payload
  assert.deepEqual(empty.data, { timestamp: 0, updates: [{ path: '/a', value: null }] })
  assert.match(String(read({ error: { code: 5, message: 'no such path' } })), /no such path/)
})

it('the sync; octets that are no message', () => {
  assert.equal(read({ sync_response: true }), 'sync')
  assert.equal(read({}), undefined)
  assert.throws(() => reader.read(Buffer.from([0x0a, 0x7f, 1])))
})

it('serialization is what all values have in common', () => {
  const path = { elem: [{ name: 'a' }] }
  const of = (...vals: object[]) =>
    (read({ update: { update: vals.map(val => ({ path, val })) } }) as Payload).serialization
  assert.equal(of({ json_ietf_val: text('1') }, { json_ietf_val: text('2') }), 'json_ietf')
  assert.equal(of({ json_ietf_val: text('1') }, { uint_val: 2 }), 'proto')
  assert.equal(of({ ascii_val: 'a' }), 'ascii')
})
