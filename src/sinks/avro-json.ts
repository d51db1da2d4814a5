// Avro's JSON encoding (specification 1.11): a value of a union has the name of its branch beside it.
import type { NetRecord } from '../contract/record.ts'
import { jsonText } from '../stream/json.ts'
import type { AvroRow } from './avro-codec.ts'
import type { AvroSchema } from './avro-schema.ts'

/** Makes what writes rows of a schema as text. */
export function avroJsonText({ fields }: AvroSchema): (row: AvroRow) => string {
  const branches = new Map<string, string>()
  for (const { name, type } of fields) {
    const branch = type[1]
    branches.set(name, typeof branch === 'string' ? branch : String(branch.type))
  }
  return row => {
    const values = Object.entries(row).map(([name, value]) => {
      const branch = value === null ? null : { [branches.get(name) as string]: value }
      return `${JSON.stringify(name)}:${jsonText(branch as NetRecord)}`
    })
    return `{${values.join(',')}}`
  }
}
