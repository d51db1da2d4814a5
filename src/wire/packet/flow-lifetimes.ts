// When a flow is over.
export interface FlowLifetimes {
  /** No packet for so long. */
  readonly idleUs: number
  /** So long since it began: it is told of, and begins anew. */
  readonly activeUs: number
  /** So long after the last packet of a TCP connection that was closed or reset. */
  readonly closedUs: number
  /** Both directions are one flow. */
  readonly bidirectional: boolean
  /** Flows at a time; the one idle for longest makes room. */
  readonly limit: number
}

export const FLOW_LIFETIMES: FlowLifetimes = {
  idleUs: 15e6,
  activeUs: 60e6,
  closedUs: 1e6,
  bidirectional: false,
  limit: 1_000_000,
}

/** IANA flowEndReason. */
export const END_IDLE = 1
export const END_ACTIVE = 2
export const END_CLOSED = 3
export const END_FORCED = 4
export const END_RESOURCES = 5
