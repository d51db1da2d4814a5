// Error Report PDUs: their codes, and failures that call for one (RFC 8210 sections 5.11 and 12).
import type { Problem } from '../../contract/problem.ts'

export const CORRUPT_DATA = 0
export const INTERNAL_ERROR = 1
export const NO_DATA = 2
export const INVALID_REQUEST = 3
export const UNSUPPORTED_VERSION = 4
export const UNSUPPORTED_PDU = 5
export const UNKNOWN_WITHDRAWAL = 6
export const DUPLICATE = 7
export const UNEXPECTED_VERSION = 8
export const PROVIDER_LIST = 9

/** The IANA registry; the last one is of draft-ietf-sidrops-8210bis. */
const ERRORS: readonly string[] = [
  'Corrupt Data',
  'Internal Error',
  'No Data Available',
  'Invalid Request',
  'Unsupported Protocol Version',
  'Unsupported PDU Type',
  'Withdrawal of Unknown Record',
  'Duplicate Announcement Received',
  'Unexpected Protocol Version',
  'ASPA Provider List Error',
]

export const errorName = (code: number): string => ERRORS[code] ?? `error ${code}`

/** A failure that ends the session with an Error Report of this code. */
export interface RtrProblem extends Problem {
  readonly errorCode: number
}

/** Problem `rtr/corrupt-data` and the like: named after the code. */
export function rtrProblem(errorCode: number, message: string): RtrProblem {
  const name = errorName(errorCode).toLowerCase().replaceAll(' ', '-')
  return { code: `rtr/${name}`, message, reference: 'RFC 8210 section 12', errorCode }
}

/** True for what an RTR parser returns instead of its result. */
export function isRtrProblem(value: object): value is RtrProblem {
  return 'errorCode' in value && 'message' in value && 'code' in value
}
