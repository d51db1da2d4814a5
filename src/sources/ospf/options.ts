// What ospf-read is told.

export interface OspfOptions {
  readonly captures: readonly string[]
  readonly domain: string
  readonly localAs: number | undefined
  /** Packets instead of what they change. */
  readonly pdus: boolean
}
