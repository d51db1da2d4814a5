// MRT files: the octets are made where the table is (wire/rib/mrt-writer.ts).
import type { MrtBatch } from '../../wire/rib/mrt-writer.ts'
import type { Format, MakeFormat } from '../dump/format.ts'

export function mrtFormat(): MakeFormat {
  const format: Format = {
    held: 0,
    write: (batch, out) => {
      out.append((batch as MrtBatch).octets)
      return batch.count
    },
    release: () => 0,
    marker() {},
  }
  return () => format
}
