// The sampling rate of a record as the number of a sampler, whose rate options say.
import { ODD } from '../../../fields/column.ts'
import { fieldOf } from '../../../fields/dictionary.ts'
import { IPFIX } from '../message.ts'
import { ABSENT_KIND, type ExportField, putWhole, UNSAYABLE } from './elements.ts'
import type { OptionsData } from './options-data.ts'

export function samplerField(version: number, options: OptionsData): ExportField {
  // FLOW_SAMPLER_ID, selectorId.
  const element = version === IPFIX ? { id: 302, pen: 0, octets: 4 } : { id: 48, pen: 0, octets: 2 }
  let sampler = 0
  return {
    field: fieldOf('sampling_rate'),
    kind(column, row) {
      const rate = column.lane === 'number' ? (column.numbers[row] as number) : Number.NaN
      if (Number.isNaN(rate)) return ABSENT_KIND
      sampler = rate >= 1 && rate !== ODD && rate < 2 ** 32 ? options.sampler(Math.round(rate)) : 0
      return sampler > 0 ? 1 : UNSAYABLE
    },
    elements: () => [element],
    write: (_column, _row, _kind, view, at) => putWhole(view, at, element.octets, sampler),
  }
}
