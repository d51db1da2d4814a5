// The registry of BMP statistics types: RFC 7854 section 4.8 (0 to 13), RFC 8671 section 6.2 (14 to 17), RFC 9972 (18 to 43).

export interface StatisticType {
  readonly text: string
  /** AFI and SAFI stand before the value. */
  readonly perFamily?: true
}

export const STATISTIC_TYPES: { readonly [type: number]: StatisticType } = {
  0: { text: 'Number of prefixes rejected by inbound policy' },
  1: { text: 'Number of (known) duplicate prefix advertisements' },
  2: { text: 'Number of (known) duplicate withdraws' },
  3: { text: 'Number of updates invalidated due to CLUSTER_LIST loop' },
  4: { text: 'Number of updates invalidated due to AS_PATH loop' },
  5: { text: 'Number of updates invalidated due to ORIGINATOR_ID' },
  6: { text: 'Number of updates invalidated due to AS_CONFED loop' },
  7: { text: 'Number of routes in Adj-RIBs-In' },
  8: { text: 'Number of routes in Loc-RIB' },
  9: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-In', perFamily: true },
  10: { text: 'Number of routes in per-AFI/SAFI Loc-RIB', perFamily: true },
  11: { text: 'Number of updates subjected to treat-as-withdraw' },
  12: { text: 'Number of prefixes subjected to treat-as-withdraw' },
  13: { text: 'Number of duplicate update messages received' },
  14: { text: 'Number of routes in Adj-RIBs-Out Pre-Policy' },
  15: { text: 'Number of routes in Adj-RIBs-Out Post-Policy' },
  16: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-Out Pre-Policy', perFamily: true },
  17: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-Out Post-Policy', perFamily: true },
  18: { text: 'Number of routes in Adj-RIBs-In Pre-Policy' },
  19: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Pre-Policy', perFamily: true },
  20: { text: 'Number of routes in Adj-RIBs-In Post-Policy' },
  21: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Post-Policy', perFamily: true },
  22: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Pre-Policy rejected by inbound policy', perFamily: true },
  23: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Post-Policy accepted by inbound policy', perFamily: true },
  26: {
    text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Post-Policy or Loc-RIB suppressed by damping',
    perFamily: true,
  },
  27: {
    text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Post-Policy or Loc-RIB stale by graceful restart',
    perFamily: true,
  },
  28: {
    text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Post-Policy or Loc-RIB stale by long-lived graceful restart',
    perFamily: true,
  },
  29: { text: 'Number of routes left before the threshold of received routes, Adj-RIBs-In Post-Policy' },
  30: {
    text: 'Number of routes left before the threshold of received routes, per-AFI/SAFI Adj-RIB-In Post-Policy',
    perFamily: true,
  },
  31: { text: 'Number of routes left before the threshold of the licence, Adj-RIBs-In Post-Policy or Loc-RIB' },
  32: {
    text: 'Number of routes left before the threshold of the licence, per-AFI/SAFI Adj-RIB-In Post-Policy or Loc-RIB',
    perFamily: true,
  },
  33: { text: 'Number of routes in Adj-RIBs-In Pre-Policy rejected due to AS_PATH length' },
  34: {
    text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Pre-Policy rejected due to AS_PATH length',
    perFamily: true,
  },
  35: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Post-Policy that RPKI finds invalid', perFamily: true },
  36: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Post-Policy that RPKI finds valid', perFamily: true },
  37: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-In Post-Policy that RPKI does not find', perFamily: true },
  38: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-Out Pre-Policy rejected by outbound policy', perFamily: true },
  39: { text: 'Number of routes in Adj-RIBs-Out Pre-Policy filtered due to AS_PATH length' },
  40: {
    text: 'Number of routes in per-AFI/SAFI Adj-RIB-Out Pre-Policy filtered due to AS_PATH length',
    perFamily: true,
  },
  41: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-Out Post-Policy that RPKI finds invalid', perFamily: true },
  42: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-Out Post-Policy that RPKI finds valid', perFamily: true },
  43: { text: 'Number of routes in per-AFI/SAFI Adj-RIB-Out Post-Policy that RPKI does not find', perFamily: true },
}
