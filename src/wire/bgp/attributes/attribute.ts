// What a row of the attribute table is.
import type { NetRecord, Value } from '../../../contract/record.ts'

export const OPTIONAL = 0x80
export const TRANSITIVE = 0x40
export const EXTENDED_LENGTH = 0x10

/** What RFC 7606 wants done about a malformed attribute; policy.ts does it. */
export type WhenMalformed = 'treat-as-withdraw' | 'attribute-discard' | 'session-reset'

/** What attributes say while an UPDATE is read. */
export interface Draft {
  /** Keys that most routes have (records.ts). */
  readonly values: NetRecord
  /** Keys that few have: unknown attributes, BGP-LS, tunnels. */
  readonly extra: NetRecord
  /** Next hop of the routes outside MP_REACH_NLRI. */
  nextHop: string | undefined
  /** AS numbers of AS_PATH and AGGREGATOR have four octets. */
  readonly as4: boolean
  /** AS4_PATH and AS4_AGGREGATOR until they are merged (RFC 6793 section 4.2.3). */
  as4Path: Value[] | undefined
  as4Aggregator: { readonly as: number; readonly address: string } | undefined
  /** The encapsulation community says VXLAN, NVGRE or GENEVE: EVPN labels are VNIs. */
  vni: boolean
}

export interface AttributeRow {
  readonly code: number
  readonly name: string
  /** OPTIONAL | TRANSITIVE as the attribute is specified. */
  readonly flags: number
  readonly whenMalformed: WhenMalformed
  readonly reference: string
  /** Reads the value in octets[start..end); what is wrong with it, when it is malformed. */
  readonly decode: (octets: Uint8Array, view: DataView, start: number, end: number, draft: Draft) => string | undefined
}

export const lengthProblem = (octets: number, wanted: string): string => `its length is ${octets}, not ${wanted}`
