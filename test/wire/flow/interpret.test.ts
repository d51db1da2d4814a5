import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { allFields } from '../../../src/fields/dictionary.ts'
import type { Element, Field } from '../../../src/fields/field.ts'
import { cutRecord, interpretRecord } from '../../../src/wire/flow/interpret.ts'
import type { MessageHeader } from '../../../src/wire/flow/message.ts'
import type { TemplateField } from '../../../src/wire/flow/template.ts'
import { data, ipfix, netflow9, template, VARIABLE_LENGTH } from '../../support/flow-writer.ts'
import { type Random, random } from '../../support/random.ts'
import { ARRIVAL_US, Collector, EXPORT_TIME_S } from './collector.ts'

const TEMPLATES = 400
const ROWS = 5
const UPTIME_MS = 3_000_000_000

const isOrdinary = ({ encoding }: Element): boolean => encoding !== 'special'
/** Elements that some field reads as they are, and those that times need. */
const ELEMENTS: readonly Element[] = [
  ...allFields().flatMap(field => (field.elements ?? []).filter(isOrdinary)),
  { id: 160, pen: 0 },
]
const NATURAL_LENGTHS = [1, 2, 3, 4, 4, 4, 5, 6, 6, 7, 8, 8, 8, 9, 16, 16, 0, VARIABLE_LENGTH, VARIABLE_LENGTH]

function randomTemplate(from: Random, enterprises: boolean): TemplateField[] {
  const fields = new Map<string, TemplateField>()
  for (let count = 1 + from.whole(30); count > 0; count--) {
    const { id, pen } = from.chance(0.9) ? from.pick(ELEMENTS) : { id: from.whole(500), pen: 32473 }
    // v9 has no enterprise numbers, IPFIX no ids above 15 bits.
    if (enterprises ? id >= 0x8000 : pen !== 0) continue
    fields.set(`${pen}/${id}`, { id, pen, length: from.pick(NATURAL_LENGTHS) })
  }
  fields.set('0/2', { id: 2, pen: 0, length: 4 })
  return [...fields.values()]
}

/** Values with many zeros and, for times, near to real ones. */
function randomValue(from: Random, length: number): Uint8Array {
  const octets = Uint8Array.from({ length }, () => from.whole(256))
  if (from.chance(0.2)) octets.fill(0)
  else if (length > 4 && from.chance(0.5)) octets.fill(0, 0, length - 5)
  return octets
}

const variableLength = (from: Random): number => (from.chance(0.7) ? from.whole(9) : from.pick([16, 16, 254, 255, 300]))

/** Fields that one element fills, by itself, in this template. */
function comparable(fields: readonly TemplateField[]): Field[] {
  const several = new Set(['etype', 'packets_out', 'packets_total', 'bytes_out', 'bytes_total'])
  return allFields().filter(field => {
    const elements = field.elements ?? []
    if (elements.length === 0 || !elements.every(isOrdinary) || several.has(field.name)) return false
    const there = elements.filter(({ id, pen }) => fields.some(known => known.id === id && known.pen === pen))
    return there.length < 2 || field.type.name === 'time' || field.type.name === 'counter'
  })
}

function expected(template: TemplateField[], body: Uint8Array, header: MessageHeader): NetRecord[] {
  const records: NetRecord[] = []
  for (let at = 0; at < body.length; ) {
    const cut = cutRecord(template, body.subarray(at))
    assert.ok(cut)
    records.push(interpretRecord(template, cut.occurrences, header))
    at += cut.length
  }
  return records
}

for (const version of [9, 10]) {
  test(`version ${version}: what the columns give is what the plain reading of the RFC gives`, () => {
    const from = random(version)
    let compared = 0
    for (let round = 0; round < TEMPLATES; round++) {
      const fields = randomTemplate(from, version === 10)
      const of = template(
        256,
        fields.map(({ id, pen, length }) => (pen === 0 ? [id, length] : [id, length, pen])),
      )
      const rows = Array.from({ length: ROWS }, () =>
        fields.map(({ length }) => randomValue(from, length === VARIABLE_LENGTH ? variableLength(from) : length)),
      )
      const base = { exportTime: EXPORT_TIME_S, sequence: round }
      const message =
        version === 9
          ? netflow9({ ...base, sysUptimeMs: UPTIME_MS }, [of, data(of, rows, 0)])
          : ipfix(base, [of, data(of, rows, 0)])
      const octets = rows.reduce((sum, row) => sum + rowOctets(fields, row), 0)
      const header: MessageHeader = {
        version,
        sysid: 0,
        domain: 0,
        sequence: round,
        exportUs: EXPORT_TIME_S * 1e6,
        uptimeMs: version === 9 ? UPTIME_MS : Number.NaN,
        samplingRate: 0,
        arrivalUs: ARRIVAL_US,
        datagram: 0,
      }
      const twins = expected(fields, message.subarray(message.length - octets), header)
      const records = new Collector().read(message)
      assert.equal(records.length, twins.length)
      for (const { name } of comparable(fields)) {
        records.forEach((record, row) => {
          const twin = name === 'flows' && twins[row]?.flows === 0 ? 1 : twins[row]?.[name]
          if (name === 'flows' && twin === undefined) return
          assert.deepEqual(record[name], twin, `${name} in round ${round}, row ${row}: ${JSON.stringify(fields)}`)
          if (twin !== undefined) compared++
        })
      }
    }
    assert.ok(compared > TEMPLATES * ROWS * 5, `${compared} values were compared`)
  })
}

function rowOctets(fields: readonly TemplateField[], row: readonly Uint8Array[]): number {
  return row.reduce((sum, value, index) => {
    const prefix = fields[index]?.length === VARIABLE_LENGTH ? (value.length < 255 ? 1 : 3) : 0
    return sum + prefix + value.length
  }, 0)
}
