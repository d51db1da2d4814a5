// Records as JSON text: as they came, or in the forms that are asked for.
import { type DeliveryBatch, jsonText, type PresentOptions, presenter } from 'netally'
import type { Encode } from './messages.ts'

const LINE_FEED = Buffer.from('\n')

export function jsonValues(present: PresentOptions): Encode {
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
