// Limits on what is written: pmacct's preprocess checks (minp, maxb, ...), applied when sums are emitted.
import { isProblem, type Problem } from '../../contract/problem.ts'

/** What the checks read of an entry; an absent counter is 0. */
export interface Counters {
  readonly packets: number
  readonly bytes: number
  readonly flows: number
}

type Check = (counters: Counters) => boolean

/** pmacct's checks by name; `bpp` is octets a packet, `ppf` packets a flow. */
const CHECKS: { readonly [name: string]: (limit: number) => Check } = {
  minp: limit => counters => counters.packets >= limit,
  maxp: limit => counters => counters.packets <= limit,
  minf: limit => counters => counters.flows >= limit,
  maxf: limit => counters => counters.flows <= limit,
  minb: limit => counters => counters.bytes >= limit,
  maxb: limit => counters => counters.bytes <= limit,
  minbpp: limit => counters => counters.packets > 0 && counters.bytes / counters.packets >= limit,
  maxbpp: limit => counters => counters.packets > 0 && counters.bytes / counters.packets <= limit,
  minppf: limit => counters => counters.flows > 0 && counters.packets / counters.flows >= limit,
  maxppf: limit => counters => counters.flows > 0 && counters.packets / counters.flows <= limit,
}

function parseCheck(text: string): Check | Problem {
  const match = /^\s*([a-z]+)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(text)
  const make = match ? CHECKS[match[1] as string] : undefined
  if (match && make) return make(Number(match[2]))
  return {
    code: 'usage/bad-preprocess',
    message: `"${text}" is no preprocess check`,
    hint: `write NAME=NUMBER, comma-separated, with ${Object.keys(CHECKS).join(', ')}`,
  }
}

/** `minp=3,minb=100` as a test: `any` passes what meets one check (pmacct's default), `all` what meets every one. */
export function parseLimits(text: string, type: 'any' | 'all'): Check | Problem {
  const checks: Check[] = []
  for (const part of text.split(',')) {
    const check = parseCheck(part)
    if (isProblem(check)) return check
    checks.push(check)
  }
  return type === 'any'
    ? counters => checks.some(check => check(counters))
    : counters => checks.every(check => check(counters))
}
