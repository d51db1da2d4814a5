// One RTR session as its state machine (RFC 8210 section 8): what comes in, what goes out, when it ends. No sockets.
import { type Change, RpkiSet } from '../../lookup/rpki-set.ts'
import {
  type EndOfData,
  readEndOfData,
  readErrorText,
  readSerial,
  type Timers,
  writeErrorReport,
  writeResetQuery,
  writeSerialQuery,
} from '../../wire/rtr/control.ts'
import {
  CORRUPT_DATA,
  DUPLICATE,
  errorName,
  isRtrProblem,
  NO_DATA,
  type RtrProblem,
  rtrProblem,
  UNEXPECTED_VERSION,
  UNSUPPORTED_PDU,
  UNSUPPORTED_VERSION,
} from '../../wire/rtr/errors.ts'
import { isPayload, readPayload } from '../../wire/rtr/payload.ts'
import * as pdus from '../../wire/rtr/pdu.ts'
import { timersOf } from './timers.ts'

/** A cache that was asked and says nothing this long is given up. */
const ANSWER_MS = 60_000
/** Changes of one Serial Query: more are a new set, which Cache Reset is for. */
const MAX_CHANGES = 4_000_000

/** What of a cache's data is held: where a Serial Query goes on. */
export interface Held {
  readonly sessionId: number
  readonly serial: number
}

/** Data that are complete: the whole set, or what changed since `Held`. */
export interface Delivery extends Held {
  readonly set: RpkiSet | undefined
  readonly changes: readonly Change[]
  readonly timers: Timers
  /** What found no room in the set. */
  readonly full: number
}

/** Why a session ended. `lower` is the version to try instead. */
export interface Ending {
  readonly message: string
  readonly code: string
  readonly lower?: number
  /** What is held of this cache is of no use any more. */
  readonly forget?: true
}

export class RtrSession {
  version: number
  /** The version is agreed on: an answer came. */
  isAgreed = false
  /** The cache is there, and has nothing yet. */
  hasNoData = false
  ending: Ending | undefined
  readonly #send: (octets: Uint8Array) => void
  readonly #options: Partial<Timers>
  #state: 'asked' | 'receiving' | 'idle' = 'idle'
  #held: Held | undefined
  #sessionId = -1
  /** A whole set that comes in; undefined = changes do. */
  #set: RpkiSet | undefined
  #changes: Change[] = []
  #full = 0
  #lastMs: number
  /** When the cache is asked again. */
  #nextMs = Number.POSITIVE_INFINITY
  #timers: Timers

  constructor(
    version: number,
    held: Held | undefined,
    timers: Partial<Timers>,
    send: (octets: Uint8Array) => void,
    nowMs: number,
  ) {
    this.version = version
    this.#held = held
    this.#options = timers
    this.#timers = timersOf(version, undefined, timers)
    this.#send = send
    this.#lastMs = nowMs
    this.#ask()
  }

  /** Call it every second. */
  tick(nowMs: number): void {
    if (this.ending) return
    if (this.#state !== 'idle' && nowMs - this.#lastMs >= ANSWER_MS) {
      this.ending = { code: 'rtr-session/silent', message: `it said nothing for ${ANSWER_MS / 1000} s` }
    } else if (this.#state === 'idle' && nowMs >= this.#nextMs) {
      this.#lastMs = nowMs
      this.#ask()
    }
  }

  /** Takes the PDU at `at`; what is complete with it. The session is over when `ending` is there afterwards. */
  take(pdu: pdus.Pdu, octets: Uint8Array, view: DataView, at: number, nowMs: number): Delivery | undefined {
    this.#lastMs = nowMs
    const result = this.#negotiate(pdu) ?? this.#take(pdu, octets, view, at, nowMs)
    if (!result) return undefined
    if (!isRtrProblem(result)) return result
    this.fail(result, octets.subarray(at, at + pdu.length))
    return undefined
  }

  /** Ends the session with an Error Report about a PDU. */
  fail(problem: RtrProblem, erroneous: Uint8Array): void {
    this.ending = { code: problem.code, message: problem.message, forget: true }
    // An Error Report is never answered by another (RFC 8210 section 5.11).
    if (erroneous[1] !== pdus.ERROR_REPORT) {
      this.#send(writeErrorReport(this.version, problem.errorCode, erroneous, problem.message))
    }
  }

  #ask(): void {
    this.#state = 'asked'
    this.#nextMs = Number.POSITIVE_INFINITY
    const { version } = this
    const held = this.#held
    this.#send(held ? writeSerialQuery(version, held.sessionId, held.serial) : writeResetQuery(version))
  }

  /** RFC 8210 section 7: undefined when the PDU is to be taken. */
  #negotiate({ version, type }: pdus.Pdu): RtrProblem | undefined {
    if (version === this.version || type === pdus.ERROR_REPORT) return undefined
    if (this.isAgreed)
      return rtrProblem(UNEXPECTED_VERSION, `${pdus.pduName(type)} of version ${version} in version ${this.version}`)
    // A cache may notify before it knows what we speak.
    if (type === pdus.SERIAL_NOTIFY) return undefined
    if (version > this.version) return rtrProblem(UNSUPPORTED_VERSION, `${pdus.pduName(type)} of version ${version}`)
    this.version = version
    return undefined
  }

  #take(
    pdu: pdus.Pdu,
    octets: Uint8Array,
    view: DataView,
    at: number,
    nowMs: number,
  ): Delivery | RtrProblem | undefined {
    const { type } = pdu
    if (isPayload(type)) return this.#payload(pdu, octets, view, at)
    if (type === pdus.SERIAL_NOTIFY) return this.#notify(pdu, readSerial(view, at))
    if (type === pdus.CACHE_RESPONSE) return this.#response(pdu)
    if (type === pdus.END_OF_DATA) return this.#endOfData(pdu, view, at, nowMs)
    if (type === pdus.CACHE_RESET && this.#state === 'asked') {
      this.isAgreed = true
      this.#held = undefined
      this.#ask()
      return undefined
    }
    if (type === pdus.ERROR_REPORT) return this.#errorReport(pdu, readErrorText(pdu, octets, view, at), nowMs)
    return rtrProblem(
      type === pdus.CACHE_RESET ? CORRUPT_DATA : UNSUPPORTED_PDU,
      `${pdus.pduName(type)} in state ${this.#state}`,
    )
  }

  #response({ number }: pdus.Pdu): RtrProblem | undefined {
    if (this.#state !== 'asked') return rtrProblem(CORRUPT_DATA, `Cache Response in state ${this.#state}`)
    if (this.#held && number !== this.#held.sessionId) {
      return rtrProblem(CORRUPT_DATA, `session ${number} goes on with what session ${this.#held.sessionId} began`)
    }
    this.isAgreed = true
    this.hasNoData = false
    this.#sessionId = number
    this.#state = 'receiving'
    this.#set = this.#held ? undefined : new RpkiSet()
    this.#changes = []
    this.#full = 0
    return undefined
  }

  #payload(pdu: pdus.Pdu, octets: Uint8Array, view: DataView, at: number): RtrProblem | undefined {
    if (this.#state !== 'receiving')
      return rtrProblem(CORRUPT_DATA, `${pdus.pduName(pdu.type)} in state ${this.#state}`)
    const change = readPayload(pdu, octets, view, at)
    if (isRtrProblem(change)) return change
    if (!this.#set) {
      if (this.#changes.length >= MAX_CHANGES) return rtrProblem(CORRUPT_DATA, `more than ${MAX_CHANGES} changes`)
      this.#changes.push(change)
      return undefined
    }
    if (!change.announced) return rtrProblem(CORRUPT_DATA, 'a withdrawal in answer to a Reset Query')
    const result = this.#set.add(change.payload)
    if (result === 'there' && change.payload.kind !== 'aspa') {
      return rtrProblem(DUPLICATE, 'the same is announced twice')
    }
    if (result === 'full') this.#full++
    return undefined
  }

  #endOfData(pdu: pdus.Pdu, view: DataView, at: number, nowMs: number): Delivery | RtrProblem {
    if (this.#state !== 'receiving') return rtrProblem(CORRUPT_DATA, `End of Data in state ${this.#state}`)
    const end: EndOfData | RtrProblem = readEndOfData(pdu, view, at)
    if (isRtrProblem(end)) return end
    if (end.sessionId !== this.#sessionId) {
      return rtrProblem(CORRUPT_DATA, `End of Data of session ${end.sessionId} in session ${this.#sessionId}`)
    }
    this.#timers = timersOf(this.version, end.timers, this.#options)
    const { sessionId, serial } = end
    this.#held = { sessionId, serial }
    this.#state = 'idle'
    this.#nextMs = nowMs + 1000 * this.#timers.refresh
    const delivery = {
      sessionId,
      serial,
      set: this.#set,
      changes: this.#changes,
      timers: this.#timers,
      full: this.#full,
    }
    this.#set = undefined
    this.#changes = []
    return delivery
  }

  #notify({ number }: pdus.Pdu, serial: number): RtrProblem | undefined {
    // While an answer comes, it is the news already; before the first, nothing is (section 7).
    if (this.#state !== 'idle' || !this.#held) return undefined
    if (number !== this.#held.sessionId) {
      return rtrProblem(CORRUPT_DATA, `Serial Notify of session ${number} in session ${this.#held.sessionId}`)
    }
    if (serial !== this.#held.serial) this.#ask()
    return undefined
  }

  #errorReport({ version, number }: pdus.Pdu, text: string, nowMs: number): undefined {
    if (number === NO_DATA && this.#state === 'asked') {
      // It is still collecting: not fatal. What we held of it, it does not know.
      this.#held = undefined
      this.hasNoData = true
      this.isAgreed = true
      this.#state = 'idle'
      this.#nextMs = nowMs + 1000 * this.#timers.retry
      return
    }
    const message = `the cache ended it: ${errorName(number)}${text === '' ? '' : `: ${text}`}`
    const isLower = number === UNSUPPORTED_VERSION && !this.isAgreed && this.version > 0
    // A cache says which version is its newest; one that says ours all the same does not have that.
    const lower = Math.min(version, this.version - 1)
    this.ending = { code: 'rtr-session/error-report', message, ...(isLower ? { lower } : { forget: true }) }
  }
}
