// The flags of isis-recv, and what they mean.
import { Flags } from '@oclif/core'
import { orThrow, ProblemError } from '../contract/problem.ts'
import { readIsisKeys } from '../maps/isis-keys.ts'
import { readAccount } from '../sources/drop-privileges.ts'
import type { CircuitKind, IsisOptions, SpeakerOptions } from '../sources/isis/options.ts'
import type { Level } from '../wire/isis/pdu.ts'
import { captureFlag, igpOutputFlags } from './igp-flags.ts'
import { type ParsedOptions, text, texts, words } from './parsed.ts'

const NETWORK = { helpGroup: 'NETWORK' }
const SPEAKER = { helpGroup: 'ADJACENCIES' }
const many = { multiple: true as const, multipleNonGreedy: true }
/** Domain of who has only one. */
const DEFAULT_DOMAIN = 'isis'
const LEVELS: { readonly [word: string]: readonly Level[] } = { '1': [1], '2': [2], '1-2': [1, 2] }
const LARGEST_HELLO_SECONDS = 600

export const ISIS_FLAGS = {
  interface: Flags.string({
    summary: 'interface with neighbours; repeat for more (needs root or CAP_NET_RAW, and netally-plugin-packet-socket)',
    helpValue: 'NAME',
    exclusive: ['pcap'],
    ...many,
    ...NETWORK,
  }),
  user: Flags.string({ summary: 'become this user once the sockets are open', helpValue: 'NAME', ...NETWORK }),
  circuit: Flags.option({
    summary: 'kind of the circuits; auto: as the first hello that is heard, and silent until then',
    options: ['auto', 'p2p', 'lan'] as const,
    default: 'auto' as const,
    ...SPEAKER,
  })(),
  level: Flags.option({ summary: 'levels that we have', options: Object.keys(LEVELS), default: '1-2', ...SPEAKER })(),
  area: Flags.string({
    summary: 'our area, 49.0001; repeat for more (default: those of the first neighbour)',
    helpValue: 'AREA',
    ...many,
    ...SPEAKER,
  }),
  'system-id': Flags.string({
    summary: 'our system id, 0000.0000.0001 (default: of the MAC address of the first interface)',
    helpValue: 'ID',
    ...SPEAKER,
  }),
  hello: Flags.integer({
    summary: 'seconds between hellos',
    helpValue: 'SECONDS',
    default: 10,
    min: 1,
    max: LARGEST_HELLO_SECONDS,
    ...SPEAKER,
  }),
  'hold-multiplier': Flags.integer({
    summary: 'hellos that may be missed until neighbours give us up',
    helpValue: 'N',
    default: 3,
    min: 2,
    max: 100,
    ...SPEAKER,
  }),
  'key-file': Flags.string({
    summary: 'keys, `SCOPE ALGORITHM[:ID] KEY` a line; read again when it changes, and on SIGHUP',
    helpValue: 'FILE',
    ...SPEAKER,
  }),
  pcap: captureFlag(' instead of the network'),
  ...igpOutputFlags('isis-recv', 'IS-IS', DEFAULT_DOMAIN, 'PDU, with its TLVs'),
}

const wrong = (flag: string, message: string, hint: string): ProblemError =>
  new ProblemError({ code: `usage/bad-${flag}`, message, hint })

/** Hex digits of `49.0001`: 1 to 13 octets. */
function areaOf(word: string): string {
  const digits = word.replaceAll('.', '').toLowerCase()
  if (/^([0-9a-f]{2}){1,13}$/.test(digits)) return digits
  throw wrong('area', `--area "${word}" is no area`, 'write hex digits in pairs: 49.0001')
}

function systemIdOf(word: string | undefined): string | undefined {
  if (word === undefined || /^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/i.test(word)) return word?.toLowerCase()
  throw wrong('system-id', `--system-id "${word}" is no system id`, 'write 0000.0000.0001')
}

function speakerOptions(parsed: ParsedOptions): SpeakerOptions {
  return {
    systemId: systemIdOf(text(parsed['system-id'])),
    areas: words(parsed.area).map(areaOf),
    levels: LEVELS[String(parsed.level)] ?? [1, 2],
    circuit: parsed.circuit as CircuitKind,
    helloSeconds: parsed.hello as number,
    holdMultiplier: parsed['hold-multiplier'] as number,
  }
}

/** Options of the source from parsed flags and the files that they name; throws a ProblemError. */
export async function isisOptions(parsed: ParsedOptions): Promise<IsisOptions> {
  const captures = texts(parsed.pcap)
  const interfaces = texts(parsed.interface)
  const keyFile = text(parsed['key-file'])
  const user = text(parsed.user)
  if (captures.length + interfaces.length === 0) {
    throw new ProblemError({
      code: 'usage/no-input',
      message: 'isis-recv has nothing to read',
      hint: 'give --interface NAME, or --pcap FILE',
    })
  }
  return {
    captures,
    interfaces,
    speaker: speakerOptions(parsed),
    keys: keyFile === undefined ? undefined : orThrow(await readIsisKeys(keyFile)),
    domain: String(parsed.domain),
    localAs: parsed['local-as'] as number | undefined,
    pdus: parsed.pdus === true,
    account: user === undefined ? undefined : orThrow(readAccount(user)),
  }
}
