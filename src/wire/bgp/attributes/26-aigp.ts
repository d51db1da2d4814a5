// Attribute 26, AIGP (RFC 7311): TLVs of an octet of type and 16 bits of length that counts them too; only type 1 counts.
import { type AttributeRow, OPTIONAL } from './attribute.ts'

const METRIC = 1
const METRIC_OCTETS = 11

export const aigp: AttributeRow = {
  code: 26,
  name: 'AIGP',
  flags: OPTIONAL,
  whenMalformed: 'attribute-discard',
  reference: 'RFC 7311 section 3',
  decode: (octets, view, start, end, draft) => {
    let metric: bigint | undefined
    let at = start
    while (at < end) {
      const length = end - at < 3 ? 0 : view.getUint16(at + 1)
      if (length < 3 || at + length > end) return 'its TLVs do not fill it'
      if (octets[at] === METRIC) {
        if (length !== METRIC_OCTETS) return `its metric has a length of ${length}, not ${METRIC_OCTETS}`
        // The first counts where there are several.
        metric ??= view.getBigUint64(at + 3)
      }
      at += length
    }
    if (metric !== undefined) draft.values.aigp = metric <= Number.MAX_SAFE_INTEGER ? Number(metric) : metric
    return undefined
  },
}
