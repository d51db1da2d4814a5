// The flags of isis-recv, and what they mean.
import { Flags } from '@oclif/core'
import { orThrow, ProblemError } from '../contract/problem.ts'
import { readIsisKeys } from '../maps/isis-keys.ts'
import type { IsisOptions } from '../sources/isis/options.ts'
import { type ParsedOptions, text, texts } from './parsed.ts'

const CAPTURE = { helpGroup: 'CAPTURE' }
const OUTPUT = { helpGroup: 'OUTPUT' }
const many = { multiple: true as const, multipleNonGreedy: true }
/** Domain of who has only one. */
export const DEFAULT_DOMAIN = 'isis'

export const ISIS_FLAGS = {
  pcap: Flags.string({
    summary: 'read a capture (pcap or pcapng, gz, zst) instead of the network; - is standard input; repeat for more',
    helpValue: 'FILE',
    ...many,
    ...CAPTURE,
  }),
  'key-file': Flags.string({
    summary: 'keys, `SCOPE ALGORITHM[:ID] KEY` a line; read again when it changes, and on SIGHUP',
    helpValue: 'FILE',
  }),
  domain: Flags.string({
    summary: 'name of the IGP domain: tells databases of several isis-recv apart',
    helpValue: 'NAME',
    default: DEFAULT_DOMAIN,
    ...OUTPUT,
  }),
  'local-as': Flags.integer({
    summary: 'AS of the routers, for local_asn; IS-IS does not say it',
    helpValue: 'AS',
    min: 1,
    max: 2 ** 32 - 1,
    ...OUTPUT,
  }),
  pdus: Flags.boolean({ summary: 'a record for each PDU, with its TLVs, instead of what they change', ...OUTPUT }),
}

/** Options of the source from parsed flags and the files that they name; throws a ProblemError. */
export async function isisOptions(parsed: ParsedOptions): Promise<IsisOptions> {
  const captures = texts(parsed.pcap)
  const keyFile = text(parsed['key-file'])
  if (captures.length === 0) {
    throw new ProblemError({
      code: 'usage/no-input',
      message: 'isis-recv has nothing to read',
      hint: 'give --pcap FILE',
    })
  }
  return {
    captures,
    interfaces: [],
    speaker: { systemId: undefined, areas: [], levels: [1, 2], circuit: 'auto', helloSeconds: 10, holdMultiplier: 3 },
    keys: keyFile === undefined ? undefined : orThrow(await readIsisKeys(keyFile)),
    domain: String(parsed.domain),
    localAs: parsed['local-as'] as number | undefined,
    pdus: parsed.pdus === true,
    account: undefined,
  }
}
