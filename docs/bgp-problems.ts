// Problems of BGP messages whose codes follow from tables: NOTIFICATIONs that end a session, and malformed attributes.

import type { WhenMalformed } from '../src/wire/bgp/attributes/attribute.ts'
import { attributeCode } from '../src/wire/bgp/attributes/decode.ts'
import { ATTRIBUTES } from '../src/wire/bgp/attributes/table.ts'
import { NOTIFICATION_ERRORS, notificationCode, notificationText } from '../src/wire/bgp/notification.ts'
import type { Found } from './generate.ts'

const WHAT_HAPPENS: { readonly [policy in WhenMalformed]: string } = {
  'attribute-discard': 'the attribute is left out, the rest stays (RFC 7606)',
  'treat-as-withdraw': 'its routes are taken as withdrawn (RFC 7606)',
  'session-reset': 'the session is ended; in a capture the message is left out',
}

const CEASE = 6
/** Of the reasons to cease only these are ours: shutdown, peer de-configured, collision. */
const OUR_REASONS: ReadonlySet<number> = new Set([2, 3, 7])
const LAST_SENT = 7

const isSent = (error: number, subcode: number): boolean =>
  error <= LAST_SENT && (error !== CEASE || OUR_REASONS.has(subcode))

export function bgpProblems(): Found[] {
  const ended = Object.entries(NOTIFICATION_ERRORS).flatMap(([error, { subcodes }]) =>
    [0, ...Object.keys(subcodes).map(Number)]
      .filter(subcode => isSent(Number(error), subcode))
      .map(subcode => {
        const text = notificationText(Number(error), subcode)
        const hint = `the session is ended, and the peer told so: NOTIFICATION ${error}/${subcode}`
        return { code: notificationCode(Number(error), subcode), message: text, hint }
      }),
  )
  const malformed = ATTRIBUTES.map(row => {
    return { code: attributeCode(row), message: `${row.name} is malformed`, hint: WHAT_HAPPENS[row.whenMalformed] }
  })
  return [...ended, ...malformed]
}
