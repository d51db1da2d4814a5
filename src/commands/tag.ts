import { tag, tagNeeds, tagOutputs } from '../operators/tag.ts'
import { operatorCommand } from '../runtime/command.ts'
import { TAG_FLAGS, tagOptions } from '../runtime/tag-flags.ts'

export default operatorCommand({
  summary: 'set tags and labels by a map, pass records by them',
  description: `Reads NDJSON. The first row of the map that a record meets says its tag, tag2, label or tos (docs/maps.md).`,
  examples: [
    'netally flow-recv --listen 2055 | netally tag --map pretag.map | netally aggregate --by label,src_as',
    'netally tag --map pretag.map --tag-filter 10-20 < flows.ndjson',
  ],
  flags: TAG_FLAGS,
  prepare: tagOptions,
  needs: tagNeeds,
  apply: tag,
  outputs: tagOutputs,
})
