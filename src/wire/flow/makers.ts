// The makers of fields that need more than one element read: by field name. Every other field is ordinary.
import { CONTEXT_MAKERS } from './make-context.ts'
import { makeOrdinary } from './ordinary.ts'
import type { Makers } from './planner.ts'

export const MAKERS: Makers = {
  special: { ...CONTEXT_MAKERS },
  ordinary: makeOrdinary,
}
