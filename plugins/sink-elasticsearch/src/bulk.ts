// What a server says of each item of a bulk request, and what follows.
import type { Answer } from './http.ts'

export interface ItemError {
  readonly type?: string
  readonly reason?: string
  readonly caused_by?: { readonly type?: string; readonly reason?: string }
}

interface ItemResult {
  readonly status?: number
  readonly error?: ItemError
}

/** `there`: it is stored, now or before. `again`: the server has too much to do. `away`: it cannot take anything now. */
export type Outcome = 'there' | 'again' | 'away' | 'refused'

const DONE_BELOW = 300
const CONFLICT = 409
const TOO_MANY = 429
/** Refusals that are about the state of the index or the cluster, not about the document. */
const PASSING =
  /^(cluster_block_exception|unavailable_shards_exception|index_closed_exception|no_shard_available_action_exception|index_not_found_exception)$/

/** Outcome of an item. `isCreate`: a document that is there already is what was wanted. */
export function outcomeOf({ status = 0, error = {} }: ItemResult, isCreate: boolean): Outcome {
  if (status > 0 && status < DONE_BELOW) return 'there'
  if (PASSING.test(error.type ?? '')) return 'away'
  if (status === CONFLICT) return isCreate ? 'there' : 'again'
  if (status === TOO_MANY) return 'again'
  return status >= 400 && status < 500 ? 'refused' : 'away'
}

export function reasonOf({ error = {} }: ItemResult): string {
  const { type, reason, caused_by: cause } = error
  const inner = cause?.reason === undefined ? '' : `: ${cause.reason}`
  return `${type ?? 'error'}: ${reason ?? 'no reason'}${inner}`.slice(0, 1000)
}

/** The items' results in the order of the items; undefined when the answer is none of a bulk request. */
export function resultsOf({ body }: Answer): ItemResult[] | undefined {
  const items = (body as { items?: unknown } | null)?.items
  if (!Array.isArray(items)) return undefined
  return items.map(item => Object.values(item as { [action: string]: ItemResult })[0] ?? {})
}

/** What an answer that is no success says, in one line. */
export function failureText({ status, body }: Answer): string {
  const error = (body as { error?: ItemError | string } | null)?.error
  if (typeof error === 'string') return `HTTP ${status}: ${error}`
  if (error) return `HTTP ${status}: ${reasonOf({ error })}`
  return `HTTP ${status}${typeof body === 'string' && body !== '' ? `: ${body.slice(0, 200)}` : ''}`
}

/** What is asked for of the answer: the results alone. */
export const FILTER = [
  'errors',
  'items.*.status',
  'items.*.error.type',
  'items.*.error.reason',
  'items.*.error.caused_by.reason',
].join(',')
