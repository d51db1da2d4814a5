// The makers of fields that need more than one element read: by field name. Every other field is ordinary.
import { COMMUNITY_MAKERS } from './make-communities.ts'
import { CONTEXT_MAKERS } from './make-context.ts'
import { COUNTER_MAKERS } from './make-counters.ts'
import { LABEL_MAKERS } from './make-labels.ts'
import { NAME_MAKERS } from './make-names.ts'
import { SAMPLING_MAKERS } from './make-sampling.ts'
import { makeOrdinary } from './ordinary.ts'
import type { Makers } from './planner.ts'
import { sectionField } from './section.ts'

export const MAKERS: Makers = {
  special: {
    ...CONTEXT_MAKERS,
    ...SAMPLING_MAKERS,
    ...NAME_MAKERS,
    ...LABEL_MAKERS,
    ...COUNTER_MAKERS,
    ...COMMUNITY_MAKERS,
  },
  ordinary: makeOrdinary,
  last: sectionField,
}
