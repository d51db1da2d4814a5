import { tag, tagNeeds } from '../operators/tag.ts'
import { operatorCommand } from '../runtime/command.ts'
import { TAG_FLAGS, tagOptions } from '../runtime/tag-flags.ts'

export default operatorCommand({
  summary: 'set tags and labels by a map, and let records through by them',
  description:
    "Reads pmacct's pre_tag_map as it is; the map is read again when its file changes, and on SIGHUP. See docs/maps.md.",
  examples: [
    'netally tag --pre-tag-map pretag.map < flows.ndjson',
    'netally tag --pre-tag-map pretag.map --tag-filter 100-199',
  ],
  flags: TAG_FLAGS,
  followed: ['pre-tag-map'],
  prepare: tagOptions,
  needs: tagNeeds,
  apply: tag,
  inWorkers: () => 'each',
})
