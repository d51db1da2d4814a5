// Subscriptions that nodes told about (RFC 8639 section 2.7), so that an update can say what it was subscribed by.
import type { Value } from '../../contract/record.ts'
import { member, notificationOf } from './notification.ts'

/** Of one node; then the oldest is forgotten. */
export const SUBSCRIPTIONS_PER_NODE = 1000

type Change = 'begin' | 'end' | 'none'
/** What a notification does to its subscription. */
const CHANGES: { readonly [name: string]: Change } = {
  'subscription-started': 'begin',
  'subscription-modified': 'begin',
  'subscription-terminated': 'end',
  'subscription-killed': 'end',
  'subscription-suspended': 'none',
  'subscription-resumed': 'none',
  'subscription-completed': 'end',
  'push-update': 'none',
  'push-change-update': 'none',
}

/** Whether a notification says something of subscriptions, and nothing of the data. */
export function isStateChange(name: string): boolean {
  return name.startsWith('subscription-') && name in CHANGES
}

export class Subscriptions {
  readonly #byId = new Map<string, Value>()
  readonly #forgotten: () => void

  constructor(forgotten: () => void) {
    this.#forgotten = forgotten
  }

  get size(): number {
    return this.#byId.size
  }

  /** Follows a message; returns the subscription of an update, or of one that ends. */
  follow(document: Value): Value | undefined {
    const notification = notificationOf(document)
    const change = notification && CHANGES[notification.name]
    if (!change) return undefined
    const id = member(notification.contents, 'id')
    if (typeof id !== 'number' && typeof id !== 'string') return undefined
    const key = String(id)
    const known = this.#byId.get(key)
    if (change === 'none') return known
    this.#byId.delete(key)
    if (change === 'end') return known
    if (this.#byId.size >= SUBSCRIPTIONS_PER_NODE) this.#forgetOldest()
    this.#byId.set(key, notification.contents as Value)
    return undefined
  }

  #forgetOldest(): void {
    for (const key of this.#byId.keys()) {
      this.#byId.delete(key)
      this.#forgotten()
      return
    }
  }
}
