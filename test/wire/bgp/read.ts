// What the tests of this folder share: an UPDATE's body to records.
import type { NetRecord } from '../../../src/contract/record.ts'
import { RouteRecords } from '../../../src/wire/bgp/records.ts'
import { PLAIN_SESSION, type SessionState } from '../../../src/wire/bgp/session-state.ts'
import { readUpdate, type Update } from '../../../src/wire/bgp/update.ts'
import { type UpdateParts, updateBody } from '../../support/bgp-writer.ts'

/** The UPDATE; throws what would end the session. */
export function readParts(parts: UpdateParts, state: SessionState = PLAIN_SESSION): Update {
  const result = readResult(updateBody(parts), state)
  if ('notification' in result) throw new Error(`${result.code}: ${result.message}`)
  return result
}

export function readResult(body: Uint8Array, state: SessionState = PLAIN_SESSION): ReturnType<typeof readUpdate> {
  return readUpdate(body, new DataView(body.buffer, body.byteOffset, body.length), 0, body.length, state)
}

/** Its records without `seq`. */
export function recordsOf(update: Update): NetRecord[] {
  const writer = new RouteRecords([], { next: 1 })
  const records: NetRecord[] = []
  for (const batch of writer.update(update, { values: [] }, 0)) records.push(...batch.records)
  for (let batch = writer.flush(); batch; batch = writer.flush()) records.push(...batch.records)
  return records.map(({ seq: _seq, ...record }) => record)
}

export function recordsOfParts(parts: UpdateParts, state: SessionState = PLAIN_SESSION): NetRecord[] {
  return recordsOf(readParts(parts, state))
}

export const withAddPath = (...families: number[]): SessionState => ({ ...PLAIN_SESSION, addPath: new Set(families) })
