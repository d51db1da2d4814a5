// One BGP session as its state machine (RFC 4271 section 8): what comes in, what goes out, when it ends. No sockets.
import { AFI_IPV4, familyOf, SAFI_RTC } from '../../wire/bgp/families.ts'
import {
  EXTENDED_MESSAGE_OCTETS,
  KEEPALIVE,
  type MessageHeader,
  messageTypeName,
  NOTIFICATION,
  OPEN,
  ROUTE_REFRESH,
  UPDATE,
  writeKeepalive,
} from '../../wire/bgp/message.ts'
import {
  type BgpProblem,
  bgpProblem,
  HOLD_TIMER_EXPIRED,
  isBgpProblem,
  notificationText,
  readNotification,
  STATE_MACHINE_ERROR,
  shutdownText,
} from '../../wire/bgp/notification.ts'
import { type Open, readOpen, writeOpen } from '../../wire/bgp/open.ts'
import { readRouteRefresh } from '../../wire/bgp/route-refresh.ts'
import { writeDefaultMembership } from '../../wire/bgp/route-target-membership.ts'
import { negotiate, PLAIN_SESSION, type SessionState } from '../../wire/bgp/session-state.ts'
import { readUpdate, type Update } from '../../wire/bgp/update.ts'
import type { SpeakerOptions } from './bgp-options.ts'
import { judgeOpen, ourOpen } from './our-open.ts'

export type State = 'open-sent' | 'open-confirm' | 'established' | 'ended'

/** The hold timer before the peer's OPEN (RFC 4271 section 8.2.2). */
const OPEN_WAIT_MS = 240_000
/** Keepalives per hold time. */
const KEEPALIVES = 3
const ROUTE_TARGETS = familyOf(AFI_IPV4, SAFI_RTC)
const SUBCODES = { 'open-sent': 1, 'open-confirm': 2, established: 3, ended: 0 } as const

/** The other end of a session's wire. */
export interface Wire {
  readonly localAddress: string
  send(octets: Uint8Array): void
}

export class BgpSession {
  state: State = 'open-sent'
  /** The peer's, once it came. */
  theirs: Open | undefined
  /** Why the peer ended the session: what its NOTIFICATION said. */
  farewell: string | undefined
  holdMs = OPEN_WAIT_MS
  readonly #options: SpeakerOptions
  readonly #wire: Wire
  #ours: Open | undefined
  #agreed: SessionState = PLAIN_SESSION
  #heardMs: number
  #sentMs: number

  constructor(options: SpeakerOptions, wire: Wire, nowMs: number) {
    this.#options = options
    this.#wire = wire
    this.#heardMs = nowMs
    this.#sentMs = nowMs
    // Who mirrors the peer's AS must hear it first.
    if (options.as !== undefined) this.#sendOpen(options.as)
  }

  get maxOctets(): number | undefined {
    return this.#agreed !== PLAIN_SESSION && this.#agreed.extendedMessage ? EXTENDED_MESSAGE_OCTETS : undefined
  }

  get ourRouterId(): string {
    return this.#ours?.routerId ?? '0.0.0.0'
  }

  /** Takes a message whose body is octets[start..end). An UPDATE comes back read; a problem ends the session. */
  take(
    { type }: MessageHeader,
    octets: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    nowMs: number,
  ): Update | BgpProblem | undefined {
    this.#heardMs = nowMs
    if (type === UPDATE && this.state === 'established') return readUpdate(octets, view, start, end, this.#agreed)
    if (type === NOTIFICATION) return this.#takeNotification(octets, start, end)
    if (type === OPEN && this.state === 'open-sent') return this.#takeOpen(octets, start, end)
    if (type === KEEPALIVE && this.state === 'open-confirm') {
      this.#establish()
      return undefined
    }
    if (this.state === 'established') {
      if (type === KEEPALIVE) return undefined
      if (type === ROUTE_REFRESH) return refreshProblem(view, start, end)
    }
    const message = `${messageTypeName(type)} in state ${this.state}`
    return bgpProblem(STATE_MACHINE_ERROR, SUBCODES[this.state], message, Uint8Array.of(type))
  }

  /** Call it every second; a problem ends the session. `isWaiting`: octets came that were not taken yet. */
  tick(nowMs: number, isWaiting: boolean): BgpProblem | undefined {
    if (isWaiting) this.#heardMs = nowMs
    if (this.holdMs === 0 || this.state === 'ended') return undefined
    if (nowMs - this.#heardMs >= this.holdMs) {
      return bgpProblem(HOLD_TIMER_EXPIRED, 0, `nothing was heard for ${Math.round(this.holdMs / 1000)} s`)
    }
    const isUp = this.state === 'established' || this.state === 'open-confirm'
    if (isUp && nowMs - this.#sentMs >= this.holdMs / KEEPALIVES) this.#sendKeepalive(nowMs)
    return undefined
  }

  #takeOpen(octets: Uint8Array, start: number, end: number): BgpProblem | undefined {
    const theirs = readOpen(octets, start, end)
    if (isBgpProblem(theirs)) return theirs
    this.theirs = theirs
    const ours = this.#ours ?? this.#makeOpen(theirs.as)
    const problem = judgeOpen(theirs, ours, this.#options)
    if (problem) return problem
    if (!this.#ours) this.#sendOpen(theirs.as)
    this.holdMs = Math.min(ours.holdSeconds, theirs.holdSeconds) * 1000
    this.#agreed = negotiate(ours.capabilities, theirs.capabilities)
    this.state = 'open-confirm'
    this.#sendKeepalive(this.#heardMs)
    return undefined
  }

  #establish(): void {
    this.state = 'established'
    const [ours, theirs] = [this.#ours as Open, this.theirs as Open]
    if (![ours, theirs].every(({ capabilities }) => capabilities.families.includes(ROUTE_TARGETS))) return
    const isInternal = ours.as === theirs.as
    const speaker = { as: ours.as, address: this.#wire.localAddress, isInternal, as4: this.#agreed.as4 }
    for (const update of writeDefaultMembership(speaker)) this.#wire.send(update)
  }

  #takeNotification(octets: Uint8Array, start: number, end: number): undefined {
    const said = readNotification(octets, start, end)
    this.state = 'ended'
    if (isBgpProblem(said)) {
      this.farewell = 'a NOTIFICATION without a code'
      return
    }
    const words = shutdownText(said)
    this.farewell = notificationText(said.code, said.subcode) + (words === '' ? '' : `: ${words}`)
  }

  #makeOpen(as: number): Open {
    return ourOpen(this.#options, as, this.#wire.localAddress)
  }

  #sendOpen(as: number): void {
    this.#ours = this.#makeOpen(as)
    this.#wire.send(writeOpen(this.#ours))
  }

  #sendKeepalive(nowMs: number): void {
    this.#sentMs = nowMs
    this.#wire.send(writeKeepalive())
  }
}

/** Route refresh asks for routes, and we have none; only a malformed one is worth an answer. */
function refreshProblem(view: DataView, start: number, end: number): BgpProblem | undefined {
  const refresh = readRouteRefresh(view, start, end)
  return isBgpProblem(refresh) ? refresh : undefined
}
