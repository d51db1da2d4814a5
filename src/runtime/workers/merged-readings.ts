// Readings of the same stage in several workers: each exporter is in one of them, what they all have is added up.
import type { Reading } from '../../contract/host.ts'

export function mergedReadings(parts: readonly (readonly Reading[])[]): Reading[] {
  const merged = new Map<string, Reading>()
  for (const reading of parts.flat()) {
    const key = JSON.stringify([reading.name, reading.labels])
    const same = merged.get(key)
    if (same) same.value += reading.value
    else merged.set(key, { ...reading })
  }
  return [...merged.values()]
}
