// NDJSON: the compiled writer, or pmacct's forms where they are asked for.

import type { Batch } from '../../contract/record.ts'
import { writeBatch } from '../../fields/json-write.ts'
import { presenter } from '../../fields/present.ts'
import { jsonText } from '../../stream/json.ts'
import type { Format, MakeFormat, Marker } from './format.ts'
import type { DumpOptions } from './options.ts'

/** pmacct's marker objects (print_markers), times in whole seconds. */
function markerText({ kind, writerId, entries, durationSeconds }: Marker): string {
  const opened = { event_type: kind, writer_id: writerId }
  const closed = { ...opened, purged_entries: entries, total_entries: entries, duration: durationSeconds }
  return `${jsonText(kind === 'purge_init' ? opened : closed)}\n`
}

export function jsonFormat(options: DumpOptions): MakeFormat {
  const present = { ...options.present, fields: options.fields, timestamps: options.timestamps }
  const plain = !present.fields && !present.compat && !present.encode && (present.timestamps ?? 'epoch') === 'epoch'
  const form = plain ? (batch: Batch) => batch : presenter(present)
  const format: Format = {
    held: 0,
    write: (batch, out) => writeBatch(form(batch), out),
    release: () => 0,
    marker: (marker, out) => out.appendText(markerText(marker)),
  }
  return () => format
}
