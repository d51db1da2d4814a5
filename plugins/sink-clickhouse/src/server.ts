// What a server can, by its version: ClickHouse grew types and engines over the years.

export interface Abilities {
  /** The type IPv6. */
  readonly hasInet: boolean
  readonly hasDateTime64: boolean
  readonly hasLowCardinality: boolean
  /** SimpleAggregateFunction: sums, least, greatest and ORed values in one engine. */
  readonly hasSimpleAggregates: boolean
  /** insert_deduplication_token, for tables without replication too. */
  readonly hasTokens: boolean
}

/** `version`: as the server tells it, `18.16.1` or `24.8.4.13`. */
export function abilitiesOf(version: string): Abilities {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const since = (a: number, b: number) => major > a || (major === a && minor >= b)
  return {
    hasInet: since(19, 4),
    hasDateTime64: since(20, 4),
    hasLowCardinality: since(19, 4),
    // groupBitOr among them.
    hasSimpleAggregates: since(20, 5),
    hasTokens: since(22, 3),
  }
}
