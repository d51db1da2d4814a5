// What `netally rib` is asked: its words and flags.
import { Flags } from '@oclif/core'
import { type Problem, ProblemError } from '../contract/problem.ts'
import { parsePrefix } from '../lookup/prefix.ts'
import { parseAddress, parseRd } from '../maps/set-value.ts'
import type { Question } from '../wire/rib/answer.ts'
import type { Match } from '../wire/rib/query.ts'

const MATCH = { helpGroup: 'MATCH' }
const CHOICE = { helpGroup: 'CHOICE' }
const others = (name: string) => ({
  exclusive: ['exact', 'longest', 'more-specific', 'less-specific'].filter(flag => flag !== name),
  ...MATCH,
})

export const RIB_FLAGS = {
  exact: Flags.boolean({ summary: 'this prefix and no other (default for a prefix)', ...others('exact') }),
  longest: Flags.boolean({
    summary: 'for each peer the longest prefix that holds it (default for an address)',
    ...others('longest'),
  }),
  'more-specific': Flags.boolean({ summary: 'all prefixes in it', ...others('more-specific') }),
  'less-specific': Flags.boolean({ summary: 'all prefixes that hold it', ...others('less-specific') }),
  peer: Flags.string({ summary: 'routes of this peer, or of this BMP router', helpValue: 'ADDRESS', ...CHOICE }),
  'origin-as': Flags.integer({ summary: 'routes that this AS announces', helpValue: 'AS', min: 0, ...CHOICE }),
  rd: Flags.string({
    summary: 'routes with this route distinguisher; its type may be left out',
    helpValue: 'RD',
    ...CHOICE,
  }),
  peers: Flags.boolean({ summary: 'the peers, instead of routes', ...CHOICE }),
  json: Flags.boolean({ summary: 'NDJSON on a terminal too' }),
}

interface Parsed {
  readonly [name: string]: unknown
}

export interface RibRequest {
  /** File, `unix:PATH`, or `-`. */
  readonly source: string
  readonly question: Question
}

/** Words that may stand for readability: `rib show PREFIX`. */
const FILLERS: ReadonlySet<string> = new Set(['show', 'peers'])

function wrong(code: string, message: string): Problem {
  return { code, message, hint: 'netally rib FILE|unix:PATH|- [PREFIX|ADDRESS]; netally rib --help' }
}

function matchOf(parsed: Parsed, word: string | undefined): Match {
  if (parsed.exact === true) return 'exact'
  if (parsed.longest === true) return 'longest'
  if (parsed['more-specific'] === true) return 'more'
  if (parsed['less-specific'] === true) return 'less'
  return word?.includes('/') ? 'exact' : 'longest'
}

/** The words are a source and a prefix in any order, both may be left out; throws a ProblemError. */
export function ribRequest(words: readonly string[], parsed: Parsed): RibRequest {
  const given = words.filter(word => !FILLERS.has(word))
  const prefixes = given.filter(word => parsePrefix(word) !== undefined)
  const sources = given.filter(word => parsePrefix(word) === undefined)
  if (prefixes.length > 1) throw new ProblemError(wrong('usage/one-prefix', 'only one prefix may be asked for'))
  if (sources.length > 1) {
    const name = sources.at(-1)
    throw new ProblemError(wrong('usage/one-source', `"${name}" is no prefix, and only one source may be read`))
  }
  const asksPeers = parsed.peers === true || words.includes('peers')
  return { source: sources[0] ?? '-', question: asksPeers ? 'peers' : routesQuestion(prefixes[0], parsed) }
}

/** Routers write an IPv6 address in one way, people in many; throws a ProblemError. */
function peerOf(text: unknown): string | undefined {
  if (text === undefined) return undefined
  const address = parseAddress(String(text))
  if (address !== undefined) return address
  throw new ProblemError(wrong('usage/bad-address', `--peer "${text}" is no address`))
}

function rdOf(text: unknown): string | undefined {
  if (text === undefined) return undefined
  // Types that have no meaning yet are printed as they come.
  const rd = parseRd(String(text)) ?? /^\d+:\d+:\d+$/.exec(String(text))?.[0]
  if (rd !== undefined) return rd
  const hint = 'write TYPE:ADMINISTRATOR:NUMBER or ADMINISTRATOR:NUMBER: 0:64496:1, 192.0.2.1:1'
  throw new ProblemError({ code: 'usage/bad-rd', message: `--rd "${text}" is no route distinguisher`, hint })
}

function routesQuestion(word: string | undefined, parsed: Parsed): Question {
  return {
    prefix: word === undefined ? undefined : parsePrefix(word),
    match: matchOf(parsed, word),
    peer: peerOf(parsed.peer),
    originAs: parsed['origin-as'] as number | undefined,
    rd: rdOf(parsed.rd),
  }
}
