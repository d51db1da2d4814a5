// gNMI's Subscribe, as a client.
import type { Credentials } from 'netally'
import { Messages } from './messages.ts'
import { NotificationReader, type Said } from './notification.ts'
import { type SubscriptionList, subscribeRequest } from './subscription.ts'

/** What is asked before the subscription. */
export interface Login {
  readonly path: string
  readonly request: Buffer
  /** Throws for octets that are no answer. */
  accepts(octets: Uint8Array): boolean
}

/** How a subscription is asked for, and what its answers say; the same for gNMI and what Junos had before. */
export interface SubscribeService {
  /** `/gnmi.gNMI/Subscribe` */
  readonly path: string
  readonly request: Buffer
  /** Asks for the next answer of a poll; undefined where there is none. */
  readonly poll: Buffer | undefined
  /** There is one request, and nothing after it. */
  readonly asksOnce: boolean
  login(credentials: Credentials): Login | undefined
  /** Throws for octets that are no answer. */
  read(octets: Uint8Array): Said
}

export function gnmiService(list: SubscriptionList): SubscribeService {
  const messages = new Messages('gnmi')
  const request = messages.type('SubscribeRequest')
  const reader = new NotificationReader(messages)
  return {
    path: '/gnmi.gNMI/Subscribe',
    request: request.encode(subscribeRequest(list)),
    poll: list.mode === 'poll' ? request.encode({ poll: {} }) : undefined,
    asksOnce: false,
    login: () => undefined,
    read: octets => reader.read(octets),
  }
}
