// The flags of rpki-recv, and what they mean.
import { readFile } from 'node:fs/promises'
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import type { RpkiOptions, RtrCache, RtrTls } from '../sources/rpki/options.ts'
import type { Timers } from '../wire/rtr/control.ts'
import { NEWEST_VERSION } from '../wire/rtr/pdu.ts'
import { type ParsedOptions, text, texts } from './parsed.ts'

/** IANA: rpki-rtr and rpki-rtr-tls. */
const RTR_PORT = 323
const RTR_TLS_PORT = 324
const LARGEST_PORT = 65_535

const CACHE = { helpGroup: 'CACHES' }
const FILE = { helpGroup: 'FILES' }
const repeated = { multiple: true, multipleNonGreedy: true } as const

const seconds = (summary: string) => Flags.integer({ summary, helpValue: 'SECONDS', min: 1, max: 172_800, ...CACHE })

export const RPKI_FLAGS = {
  rtr: Flags.string({
    summary: `cache to ask by RTR (port ${RTR_PORT}, with TLS ${RTR_TLS_PORT}); repeat for more, the most preferred first`,
    helpValue: 'HOST[:PORT]',
    ...repeated,
    ...CACHE,
  }),
  'rtr-version': Flags.integer({
    summary: 'newest version to speak; a cache that has only an older one gets that',
    helpValue: 'N',
    default: NEWEST_VERSION,
    min: 0,
    max: NEWEST_VERSION,
    ...CACHE,
  }),
  tls: Flags.boolean({ summary: 'TLS to the caches', ...CACHE }),
  'tls-ca': Flags.string({
    summary: "who signs the caches' certificates (default: whom the system trusts)",
    helpValue: 'FILE',
    ...CACHE,
  }),
  'tls-cert': Flags.string({ summary: 'our certificate, for caches that want one', helpValue: 'FILE', ...CACHE }),
  'tls-key': Flags.string({ summary: 'its key', helpValue: 'FILE', ...CACHE }),
  'tls-name': Flags.string({
    summary: 'name in the certificates of caches (default: HOST)',
    helpValue: 'NAME',
    ...CACHE,
  }),
  refresh: seconds('ask a cache so often (default: what it says; version 0: 10)'),
  retry: seconds('ask again after so long a cache that had no data (default: what it says; version 0: 10)'),
  expire: seconds('take data back that could not be refreshed so long (default: what the cache says; version 0: 7200)'),
  file: Flags.string({
    summary:
      'JSON of a validator (rpki-client, Routinator, RIPE); read again when it changes and on SIGHUP; repeat for more',
    helpValue: 'FILE',
    ...repeated,
    ...FILE,
  }),
  once: Flags.boolean({ summary: 'end when the first set of data is complete', ...FILE }),
}

/** `cache.example.net`, `192.0.2.1:8282`, `[2001:db8::1]:8282`, `2001:db8::1`. */
export function parseCache(word: string, defaultPort: number): RtrCache {
  const bare = /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(word) ? word : undefined
  const match = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(word)
  const host = bare ?? match?.[1] ?? match?.[2]
  const port = bare === undefined && match?.[3] !== undefined ? Number(match[3]) : defaultPort
  if (host !== undefined && port > 0 && port <= LARGEST_PORT) return { host, port }
  throw new ProblemError({
    code: 'usage/bad-address',
    message: `--rtr "${word}" is no address of a cache`,
    hint: 'give HOST, HOST:PORT or [IPV6]:PORT',
  })
}

async function readPem(parsed: ParsedOptions, flag: string): Promise<Buffer | undefined> {
  const path = text(parsed[flag])
  if (path === undefined) return undefined
  try {
    return await readFile(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ProblemError({ code: 'usage/tls-files', message: `--${flag} cannot be read: ${reason}` })
  }
}

async function tlsOptions(parsed: ParsedOptions): Promise<RtrTls | undefined> {
  if (parsed.tls !== true) {
    const flag = ['tls-ca', 'tls-cert', 'tls-key', 'tls-name'].find(name => parsed[name] !== undefined)
    if (flag === undefined) return undefined
    throw new ProblemError({ code: 'usage/tls-files', message: `--${flag} is of no use without --tls` })
  }
  const [ca, cert, key] = [
    await readPem(parsed, 'tls-ca'),
    await readPem(parsed, 'tls-cert'),
    await readPem(parsed, 'tls-key'),
  ]
  if ((cert === undefined) !== (key === undefined)) {
    throw new ProblemError({ code: 'usage/tls-files', message: '--tls-cert and --tls-key go together' })
  }
  return { ca, cert, key, name: text(parsed['tls-name']) }
}

function timers(parsed: ParsedOptions): Partial<Timers> {
  const names = ['refresh', 'retry', 'expire'] as const
  return Object.fromEntries(names.filter(name => parsed[name] !== undefined).map(name => [name, Number(parsed[name])]))
}

/** Options of the source from parsed flags; throws a ProblemError. */
export async function rpkiOptions(parsed: ParsedOptions): Promise<RpkiOptions> {
  const files = texts(parsed.file)
  const tls = await tlsOptions(parsed)
  const caches = texts(parsed.rtr).map(word => parseCache(word, tls ? RTR_TLS_PORT : RTR_PORT))
  if (caches.length > 0 === files.length > 0) {
    throw new ProblemError({
      code: 'usage/rpki-source',
      message: caches.length > 0 ? '--rtr and --file do not go together' : 'where shall RPKI data come from?',
      hint: 'give --rtr HOST:PORT or --file FILE',
    })
  }
  return {
    caches,
    tls,
    version: Number(parsed['rtr-version']),
    timers: timers(parsed),
    files,
    once: parsed.once === true,
  }
}
