// ROAs as validators export them: JSON of rpki-client, Routinator, the RIPE validator and those who write the same.
import { isProblem, type Problem } from '../../contract/problem.ts'
import { parsePrefix } from '../../lookup/prefix.ts'
import type { Aspa, Payload } from '../../lookup/rpki-payload.ts'
import type { RpkiSet } from '../../lookup/rpki-set.ts'

type Json = { readonly [name: string]: unknown }

export interface RpkiFile {
  /** When the validator made it, Unix seconds; undefined when it does not say. */
  readonly madeSeconds: number | undefined
  /** Entries that are none, and why the first is not. */
  readonly bad: number
  readonly firstBad: string
  /** Entries whose time is over. */
  readonly expired: number
  /** When the next entry's time is over, Unix seconds; Infinity = never. */
  readonly nextExpirySeconds: number
  /** Entries that found no room. */
  readonly full: number
}

const LARGEST_AS = 2 ** 32 - 1
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** `64496` or `"AS64496"`; -1 when it is neither. */
function asNumber(value: unknown): number {
  const digits = typeof value === 'string' ? /^(?:AS)?(\d{1,10})$/i.exec(value)?.[1] : undefined
  const number = digits === undefined ? value : Number(digits)
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= LARGEST_AS ? number : -1
}

function roa({ asn, prefix: text, maxLength }: Json): Payload | string {
  const prefix = typeof text === 'string' ? parsePrefix(text) : undefined
  if (!prefix) return `"${String(text)}" is no prefix`
  const origin = asNumber(asn)
  if (origin < 0) return `"${String(asn)}" is no AS`
  const length = maxLength === undefined || maxLength === null ? prefix.length : maxLength
  const most = prefix.family === 4 ? 32 : 128
  if (typeof length !== 'number' || !(length >= prefix.length && length <= most)) {
    return `${text} cannot have a maximum length of ${String(length)}`
  }
  return { kind: 'roa', prefix, maxLength: length, asn: origin }
}

/** rpki-client: customer_asid; Routinator: customer. */
function aspa(entry: Json, afi: Aspa['afi']): Payload | string {
  const customer = asNumber(entry.customer_asid ?? entry.customer)
  if (customer < 0) return `"${String(entry.customer_asid ?? entry.customer)}" is no AS`
  const providers = listOf(entry.providers).map(asNumber)
  if (providers.length === 0 || providers.includes(-1)) return `the providers of AS ${customer} are none`
  return { kind: 'aspa', customer, afi, providers: [...new Set(providers)].sort((one, other) => one - other) }
}

/** rpki-client: ski in hex, pubkey; Routinator: SKI in hex, routerPublicKey. */
function routerKey(entry: Json): Payload | string {
  const asn = asNumber(entry.asn)
  const ski = entry.ski ?? entry.SKI
  const spki = entry.pubkey ?? entry.routerPublicKey
  if (asn < 0) return `"${String(entry.asn)}" is no AS`
  if (typeof ski !== 'string' || !/^[0-9a-f]{40}$/i.test(ski)) return `"${String(ski)}" is no key identifier`
  if (typeof spki !== 'string' || spki === '') return `the key of AS ${asn} is missing`
  return { kind: 'router-key', asn, ski: ski.toLowerCase(), spki }
}

interface List {
  readonly name: string
  readonly entries: readonly unknown[]
  readonly read: (entry: Json) => Payload | string
}

function listsOf(file: Json): List[] {
  const older = isObject(file.provider_authorizations) ? file.provider_authorizations : {}
  return [
    { name: 'roas', entries: listOf(file.roas), read: roa },
    { name: 'aspas', entries: listOf(file.aspas), read: entry => aspa(entry, 0) },
    { name: 'provider_authorizations.ipv4', entries: listOf(older.ipv4), read: entry => aspa(entry, 1) },
    { name: 'provider_authorizations.ipv6', entries: listOf(older.ipv6), read: entry => aspa(entry, 2) },
    { name: 'bgpsec_keys', entries: listOf(file.bgpsec_keys), read: routerKey },
    { name: 'routerKeys', entries: listOf(file.routerKeys), read: routerKey },
  ]
}

/** rpki-client: buildtime; Routinator: generated; others have neither. */
function madeSeconds({ metadata }: Json): number | undefined {
  if (!isObject(metadata)) return undefined
  const { generated, buildtime, generatedTime } = metadata
  if (typeof generated === 'number') return generated
  const ms = Date.parse(String(buildtime ?? generatedTime ?? generated))
  return Number.isNaN(ms) ? undefined : ms / 1000
}

/** Several ASPAs of a customer count together (draft-ietf-sidrops-aspa-profile). */
function addTo(set: RpkiSet, payload: Payload): ReturnType<RpkiSet['add']> {
  const known = payload.kind === 'aspa' ? set.aspas.get(payload) : undefined
  if (!known || payload.kind !== 'aspa') return set.add(payload)
  const providers = [...new Set([...known.providers, ...payload.providers])].filter(
    (asn, _, all) => asn !== 0 || all.length === 1,
  )
  return set.add({ ...payload, providers: providers.sort((one, other) => one - other) })
}

/** The object of a file; a problem when the text is no such file. */
export function parseRpkiJson(text: string, path: string): Json | Problem {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { code: 'rpki/bad-json', message: `"${path}" is no JSON: ${reason}` }
  }
  if (isObject(file) && [file.roas, file.aspas, file.provider_authorizations].some(isListed)) return file
  return {
    code: 'rpki/no-roas',
    message: `"${path}" has no ROAs`,
    hint: 'it must be JSON with a list "roas", as rpki-client -j and routinator vrps --format json write it',
  }
}

const isListed = (value: unknown): boolean => Array.isArray(value) || isObject(value)

/** Puts what a validator's file says into a set. `nowSeconds` leaves out what is over by then; undefined takes all. */
export function readRpkiJson(
  text: string,
  path: string,
  nowSeconds: number | undefined,
  set: RpkiSet,
): RpkiFile | Problem {
  const file = parseRpkiJson(text, path)
  if (isProblem(file)) return file
  let [bad, firstBad, expired, full, nextExpirySeconds] = [0, '', 0, 0, Number.POSITIVE_INFINITY]
  for (const { name, entries, read } of listsOf(file as Json)) {
    for (const [index, entry] of entries.entries()) {
      const payload = isObject(entry) ? read(entry) : 'it is no object'
      if (typeof payload === 'string') {
        if (bad++ === 0) firstBad = `${name}[${index}]: ${payload}`
        continue
      }
      const { expires } = entry as Json
      if (nowSeconds !== undefined && typeof expires === 'number') {
        if (expires <= nowSeconds) {
          expired++
          continue
        }
        nextExpirySeconds = Math.min(nextExpirySeconds, expires)
      }
      if (addTo(set, payload) === 'full') full++
    }
  }
  return { madeSeconds: madeSeconds(file as Json), bad, firstBad, expired, nextExpirySeconds, full }
}
