// Attribute 1, ORIGIN: 0 IGP, 1 EGP, 2 INCOMPLETE.
import { type AttributeRow, lengthProblem, TRANSITIVE } from './attribute.ts'

const LETTERS = ['i', 'e', 'u']

export const origin: AttributeRow = {
  code: 1,
  name: 'ORIGIN',
  flags: TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 7606 section 7.1',
  decode: (octets, _view, start, end, draft) => {
    if (end - start !== 1) return lengthProblem(end - start, '1')
    const letter = LETTERS[octets[start] as number]
    if (letter === undefined) return `${octets[start]} is no origin`
    draft.values.origin = letter
    return undefined
  },
}
