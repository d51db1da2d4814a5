// Changes of an answer to a Serial Query: taken all, or none.
import type { Host } from '../../contract/host.ts'
import { payloadKey } from '../../lookup/rpki-payload.ts'
import type { Change, RpkiSet } from '../../lookup/rpki-set.ts'
import { DUPLICATE, type RtrProblem, rtrProblem, UNKNOWN_WITHDRAWAL } from '../../wire/rtr/errors.ts'

/** Why changes do not fit the set, undefined when they do (RFC 8210 section 12, codes 6 and 7). */
export function check(set: RpkiSet, changes: readonly Change[]): RtrProblem | undefined {
  /** What is there after the changes so far, where it is not what the set has. */
  const there = new Map<string, boolean>()
  for (const { announced, payload } of changes) {
    const key = payloadKey(payload)
    const isThere = there.get(key) ?? set.has(payload)
    if (!announced && !isThere) return rtrProblem(UNKNOWN_WITHDRAWAL, `what is not there is withdrawn: ${key}`)
    if (announced && isThere && payload.kind !== 'aspa') {
      return rtrProblem(DUPLICATE, `what is there is announced again: ${key}`)
    }
    there.set(key, announced)
  }
  return undefined
}

/** Makes changes that were checked; what changed indeed. */
export function* apply(set: RpkiSet, changes: readonly Change[], host: Host): Generator<Change> {
  for (const change of changes) {
    const { announced, payload } = change
    const result = announced ? set.add(payload) : set.remove(payload)
    if (result === 'full') tellFull(1, host)
    else if (result === 'added' || result === true) yield change
  }
}

export function tellFull(count: number, host: Host): void {
  if (count === 0) return
  host.count('rpki-full', count)
  host.report({ code: 'rpki/full', message: `there is no room for ${count} more entries: they are left out` })
}
