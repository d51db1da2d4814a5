// The flags of ospf-read, and what they mean.
import { ProblemError } from '../contract/problem.ts'
import type { OspfOptions } from '../sources/ospf/options.ts'
import { captureFlag, igpOutputFlags } from './igp-flags.ts'
import { type ParsedOptions, texts } from './parsed.ts'

export const OSPF_FLAGS = {
  pcap: captureFlag(''),
  ...igpOutputFlags('ospf-read', 'OSPF', 'ospf', 'packet, with its LSAs'),
}

/** Options of the source from parsed flags; throws a ProblemError. */
export function ospfOptions(parsed: ParsedOptions): OspfOptions {
  const captures = texts(parsed.pcap)
  if (captures.length === 0) {
    throw new ProblemError({
      code: 'usage/no-input',
      message: 'ospf-read has nothing to read',
      hint: 'give --pcap FILE, or --pcap - behind tcpdump -w - proto ospf',
    })
  }
  return {
    captures,
    domain: String(parsed.domain),
    localAs: parsed['local-as'] as number | undefined,
    pdus: parsed.pdus === true,
  }
}
