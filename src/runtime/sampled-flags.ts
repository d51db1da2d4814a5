// Flags about sampled packets: sFlow's own, and what is looked for in their headers.
import { Flags } from '@oclif/core'
import { isProblem, ProblemError } from '../contract/problem.ts'
import type { FlowDecoderOptions } from '../wire/flow/options.ts'
import { parseTunnelPort, type TunnelPorts, tunnelPorts } from '../wire/packet/tunnel-ports.ts'

const PACKETS = { helpGroup: 'SAMPLED PACKETS' }

/** Of every command that reads packet headers. */
export const HEADER_FLAGS = {
  inner: Flags.boolean({
    summary: 'the header in a tunnel takes the place of the outer one, instead of the tunnel_* fields',
    ...PACKETS,
  }),
  tunnel: Flags.string({
    summary: 'another UDP port of a tunnel, as in vxlan:4790; repeat for more (vxlan, vxlan-gpe, geneve, gtp, l2tp)',
    helpValue: 'TYPE:PORT',
    multiple: true,
    multipleNonGreedy: true,
    ...PACKETS,
  }),
}

export const SAMPLED_FLAGS = {
  counters: Flags.boolean({ summary: 'write sFlow counter samples too, as event_type "counters"', ...PACKETS }),
  discards: Flags.boolean({
    summary: 'write sFlow notifications of discarded packets too, as event_type "discard"',
    ...PACKETS,
  }),
  ...HEADER_FLAGS,
}

interface Parsed {
  readonly [name: string]: unknown
}

/** The usual ports with those that the user adds; undefined where there are none. Throws a ProblemError. */
export function tunnelOption(parsed: Parsed): TunnelPorts | undefined {
  if (!Array.isArray(parsed.tunnel)) return undefined
  return tunnelPorts(
    parsed.tunnel.map(text => {
      const read = parseTunnelPort(String(text))
      if (isProblem(read)) throw new ProblemError(read)
      return read as Exclude<typeof read, { code: string }>
    }),
  )
}

export function sampledOptions(parsed: Parsed): FlowDecoderOptions {
  const ports = tunnelOption(parsed)
  return {
    counters: parsed.counters === true,
    discards: parsed.discards === true,
    innerHeader: parsed.inner === true,
    ...(ports === undefined ? {} : { tunnelPorts: ports }),
  }
}
