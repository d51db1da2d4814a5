// Records as JSON text: as they came, or in the forms that are asked for.
import type { DeliveryBatch } from '../../contract/backend.ts'
import { type PresentOptions, presenter } from '../../fields/present.ts'
import { jsonText } from '../../stream/json.ts'
import type { EncodeMessages } from './message.ts'

const LINE_FEED = Buffer.from('\n')

export function jsonValues(present: PresentOptions): EncodeMessages {
  const { fields, compat, timestamps, wholeSeconds, encode } = present
  const asIs = !fields && !compat && !timestamps && !wholeSeconds && !encode
  const form = presenter(present)
  const presented = (batch: DeliveryBatch): string[] =>
    [...batch.batches()].flatMap(part => form(part).records.map(record => jsonText(record)))
  return batch => {
    const lines = asIs ? batch.lines : presented(batch)
    return { separator: LINE_FEED, of: index => lines[index] as string }
  }
}
