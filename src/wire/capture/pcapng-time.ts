// pcapng timestamps: 64-bit counts of a unit that the interface states (draft-ietf-opsawg-pcapng, if_tsresol, if_tsoffset).

/** Whole Unix microseconds of a timestamp's two halves. */
export type ReadTime = (high: number, low: number) => number

const WORD = 2 ** 32
/** Finer decimal units than this do not divide exactly in doubles. */
const FINEST_EXACT_EXPONENT = 12

/** Exact for any unit, slow. */
function readTimeByBigInt(unitsPerSecond: bigint, offsetUs: number): ReadTime {
  return (high, low) => Number((((BigInt(high) << 32n) | BigInt(low)) * 1_000_000n) / unitsPerSecond) + offsetUs
}

/**
 * `resolution` as in if_tsresol: 10^-n, or 2^-n where the high bit is set. A count of 2^32 units is split in whole
 * microseconds and a rest, because a count of nanoseconds does not fit a double.
 */
export function timeReader(resolution: number, offsetSeconds: number): ReadTime {
  const exponent = resolution & 0x7f
  const offsetUs = offsetSeconds * 1e6
  if (resolution & 0x80) return readTimeByBigInt(1n << BigInt(exponent), offsetUs)
  if (exponent > FINEST_EXACT_EXPONENT) return readTimeByBigInt(10n ** BigInt(exponent), offsetUs)
  if (exponent <= 6) {
    const factor = 10 ** (6 - exponent)
    return (high, low) => (high * WORD + low) * factor + offsetUs
  }
  const divisor = 10 ** (exponent - 6)
  const whole = Math.floor(WORD / divisor)
  const rest = WORD % divisor
  return (high, low) => high * whole + Math.floor((high * rest + low) / divisor) + offsetUs
}
