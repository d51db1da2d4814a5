// Messages of Avro, in octets and in its JSON encoding.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import avsc from 'avsc'
import type { NetRecord } from '../../src/contract/record.ts'
import { Parcel } from '../../src/sinks/delivery/parcel.ts'
import { type AvroOptions, avroValues } from '../../src/sinks/message/avro-values.ts'
import { groupMessages } from '../../src/sinks/message/message.ts'
import { scratch } from '../support/cli.ts'
import { TestHost } from '../support/test-host.ts'

const RECORDS: readonly NetRecord[] = [
  { ip_src: '192.0.2.1', timestamp_start: 1_700_000_000.25, comms: ['64500:1', 'no-export'], packets: 3, bytes: 400 },
  { ip_src: '2001:db8::1', bytes: 9_007_199_254_740_993n },
]

/** Texts of the messages of a topic that has all records, two in each. */
async function texts(options: AvroOptions, records: readonly NetRecord[], host = new TestHost()): Promise<string[]> {
  const batch = new Parcel('a', 0, records)
  const values = await avroValues(options, host)(batch, () => 'flows')
  const grouping = {
    recordsPerMessage: 2,
    messageOctets: 1 << 20,
    overheadOctets: () => 0,
    placeOf: () => 'flows',
    groupOf: () => 'flows',
    problemOf: () => undefined,
  }
  return groupMessages(records.length, values, grouping, []).map(({ value }) => value.toString())
}

describe('avro_json', () => {
  it('values have their branch beside them, numbers are exact, records of a message are lines', async () => {
    const [message, ...others] = await texts({ fields: undefined, schemaFile: undefined, json: true }, RECORDS)
    assert.deepEqual(others, [])
    assert.deepEqual(message?.split('\n'), [
      '{"comms":{"array":["64500:1","no-export"]},"ip_src":{"string":"192.0.2.1"},"timestamp_start":{"long":1700000000250000},"packets":{"long":3},"bytes":{"long":400}}',
      '{"comms":null,"ip_src":{"string":"2001:db8::1"},"timestamp_start":null,"packets":null,"bytes":{"long":9007199254740993}}',
    ])
  })

  it('avsc reads it with the schema of the file', async context => {
    const schemaFile = join(scratch(context), 'flows.avsc')
    const host = new TestHost()
    const [message = ''] = await texts({ fields: ['src_host', 'bytes'], schemaFile, json: true }, RECORDS, host)
    const type = avsc.Type.forSchema(JSON.parse(readFileSync(schemaFile, 'utf8')))
    const [first = ''] = message.split('\n')
    assert.deepEqual({ ...(type.fromString(first) as object) }, { ip_src: '192.0.2.1', bytes: 400 })
    assert.deepEqual(host.codes, [])
  })

  it('a value without a place in the schema is null, and told', async () => {
    const host = new TestHost()
    const [message] = await texts({ fields: ['bytes'], schemaFile: undefined, json: true }, [{ bytes: 'many' }], host)
    assert.equal(message, '{"bytes":null}')
    assert.deepEqual(host.codes, ['avro/misfit'])
  })
})

it('octets: those of one message stand one after another', async () => {
  const [message = ''] = await texts({ fields: ['packets'], schemaFile: undefined }, [{ packets: 1 }, { packets: 2 }])
  assert.deepEqual([...Buffer.from(message)], [2, 2, 2, 4])
})
