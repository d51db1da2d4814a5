// The notification in a message of YANG-Push: RFC 5277's, RFC 8040's, or the envelope of draft-ietf-netconf-notif-envelope.
import type { Value } from '../../contract/record.ts'

export type Members = { readonly [name: string]: Value }

const ENVELOPES: ReadonlySet<string> = new Set(['notification', 'envelope'])
const CONTENTS = 'notification-contents'
const EVENT_TIMES = ['eventTime', 'event-time']

export const isMembers = (value: Value | undefined): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The name without its module. */
export const bareName = (name: string): string => name.slice(name.indexOf(':') + 1)

export interface Notification {
  /** `push-update`, `subscription-started` and so on, without the module. */
  readonly name: string
  /** The same as it was written. */
  readonly qualifiedName: string
  readonly contents: Members
  /** As the node wrote it (RFC 3339). */
  readonly eventTime: string | undefined
}

/** The first notification of a document; undefined when it is something else. */
export function notificationOf(document: Value): Notification | undefined {
  if (!isMembers(document)) return undefined
  for (const [name, envelope] of Object.entries(document)) {
    if (!ENVELOPES.has(bareName(name)) || !isMembers(envelope)) continue
    const times = EVENT_TIMES.map(key => member(envelope, key)).filter(value => typeof value === 'string')
    const inside = member(envelope, CONTENTS)
    for (const [key, contents] of Object.entries(isMembers(inside) ? inside : envelope)) {
      if (isMembers(contents))
        return { name: bareName(key), qualifiedName: key, contents, eventTime: times[0] as string | undefined }
    }
  }
  return undefined
}

/** A member by its name without the module. */
export function member(members: Members, bare: string): Value | undefined {
  if (bare in members) return members[bare]
  for (const name of Object.keys(members)) if (bareName(name) === bare) return members[name]
  return undefined
}
