// The flags of dedupe, and what they mean.
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { parseAddress } from '../maps/set-value.ts'
import { DEDUPE_DEFAULTS, type DedupeOptions, type Direction } from '../operators/dedupe.ts'
import { words } from './parsed.ts'
import { durationMs } from './quantities.ts'

const list = (summary: string, fields: readonly string[]) =>
  Flags.string({ summary, helpValue: 'a,b', default: fields.join(',') })

export const DEDUPE_FLAGS = {
  key: list(
    'fields that say which flow a record is of; add mpls_vpn_rd where VRFs use the same addresses',
    DEDUPE_DEFAULTS.key,
  ),
  point: list('fields that say who saw it where', DEDUPE_DEFAULTS.point),
  window: Flags.string({
    summary:
      'how long the owner of a flow may say nothing of it before another takes over: more than the active timeout',
    helpValue: '2m',
    default: '2m',
  }),
  prefer: Flags.string({
    summary: 'exporters (peer_ip_src) that take flows over from others, the best first',
    helpValue: 'ADDRESS,...',
  }),
  direction: Flags.string({
    summary:
      'leave out what is said to be seen in the other direction (sampling_direction) before anything is compared',
    options: ['ingress', 'egress'],
  }),
  mark: Flags.boolean({ summary: 'let duplicates through, with duplicate_of, the point that owns the flow' }),
  'max-flows': Flags.integer({
    summary: 'flows remembered (twice as many at most); then the oldest are forgotten',
    default: DEDUPE_DEFAULTS.maxFlows,
    min: 1,
    max: 20_000_000,
  }),
}

function exporters(value: unknown): string[] {
  return words(value).map(word => {
    const text = parseAddress(word)
    if (text !== undefined) return text
    throw new ProblemError({
      code: 'usage/bad-address',
      message: `--prefer: "${word}" is no address`,
      hint: 'write the addresses of exporters as peer_ip_src has them: 192.0.2.1,2001:db8::1',
    })
  })
}

/** Options of the operator from parsed flags; throws a ProblemError. */
export function dedupeOptions(parsed: { readonly [name: string]: unknown }): DedupeOptions {
  return {
    key: words(parsed.key),
    point: words(parsed.point),
    windowMs: durationMs('window', parsed.window),
    maxFlows: Number(parsed['max-flows']),
    prefer: exporters(parsed.prefer),
    direction: parsed.direction as Direction | undefined,
    mark: parsed.mark === true,
  }
}
