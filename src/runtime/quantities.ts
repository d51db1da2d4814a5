// Values of flags that have a unit: times and sizes.
import { ProblemError } from '../contract/problem.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'

const SIZE_UNITS: { readonly [unit: string]: number } = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** Milliseconds of `200ms`, `30s`, `5m`, `1h`, `1d`; throws a ProblemError. */
export function durationMs(flag: string, value: unknown): number {
  const text = String(value).trim()
  const milliseconds = /^(\d+)ms$/.exec(text)
  if (milliseconds) return Number(milliseconds[1])
  const seconds = durationSeconds(text)
  if (seconds !== undefined) return seconds * 1000
  throw new ProblemError({
    code: 'usage/bad-duration',
    message: `--${flag} "${text}" is no duration`,
    hint: 'write a number and a unit: 200ms, 30s, 5m, 1h, 1d',
  })
}

/** Octets of `4096`, `64K`, `4M`, `1G` (powers of 1024; `MB` and `MiB` are the same); throws a ProblemError. */
export function sizeOctets(flag: string, value: unknown): number {
  const match = /^(\d+)([KMGT]?)(?:i?B)?$/i.exec(String(value).trim())
  const octets = Number(match?.[1]) * (SIZE_UNITS[(match?.[2] ?? '').toUpperCase()] as number)
  if (match && octets > 0 && Number.isSafeInteger(octets)) return octets
  throw new ProblemError({
    code: 'usage/bad-size',
    message: `--${flag} "${String(value)}" is no size`,
    hint: 'write a number and a unit: 64K, 4M, 1G',
  })
}
