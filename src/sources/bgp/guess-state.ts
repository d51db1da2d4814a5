// How to read a session whose OPENs were not seen: the width of AS numbers and path identifiers follow from what reads well.
import { NLRI_READERS } from '../../wire/bgp/nlri/families.ts'
import { isBgpProblem } from '../../wire/bgp/notification.ts'
import { PLAIN_SESSION, type SessionState } from '../../wire/bgp/session-state.ts'
import { readUpdate, type Update } from '../../wire/bgp/update.ts'

const ADD_PATH: SessionState = { ...PLAIN_SESSION, addPath: new Set(NLRI_READERS.keys()) }

/** From the most likely on. */
const CANDIDATES: readonly SessionState[] = [
  PLAIN_SESSION,
  { ...PLAIN_SESSION, as4: false },
  ADD_PATH,
  { ...ADD_PATH, as4: false },
]

/** Path identifiers read as prefixes are default routes, again and again. */
function isPlausible({ announced, withdrawn }: Update): boolean {
  let defaults = 0
  for (const { routes } of [...announced, ...withdrawn]) {
    for (const { prefix, rd } of routes)
      if (rd === undefined && (prefix === '0.0.0.0/0' || prefix === '::/0')) defaults++
  }
  return defaults < 2
}

/** Whether an UPDATE tells anything about the state. */
function isTelling({ attributes, announced, withdrawn }: Update): boolean {
  const { as_path: path } = attributes.values
  return (Array.isArray(path) && path.length > 0) || announced.length > 0 || withdrawn.length > 0
}

/** The state in which the UPDATE in octets[start..end) reads well; undefined when it does in none, or tells nothing. */
export function guessState(octets: Uint8Array, view: DataView, start: number, end: number): SessionState | undefined {
  for (const state of CANDIDATES) {
    const update = readUpdate(octets, view, start, end, state)
    if (isBgpProblem(update) || update.problems.length > 0 || !isPlausible(update)) continue
    return isTelling(update) ? state : undefined
  }
  return undefined
}
