// tee_receivers: pools of receivers that datagrams are sent on to. Rows `id=1 ip=192.0.2.1:2100,[2001:db8::1]:2100`, with `tag=` which
// records, `balance-alg=` which of the pool, `src_port=` from which port; or `kafka_broker=` and `kafka_topic=`.
import { isProblem, type Problem } from '../contract/problem.ts'
import { type MapRow, type MapText, placeOf, readEach, readRows, type Token } from './grammar.ts'
import { readMap } from './read-map.ts'
import { badRow, type RowProblem } from './row-problem.ts'
import { parseTagFilter, type TagTest } from './tag-filter.ts'

/** Who of a pool gets a datagram: all, one after the other, or one chosen by the exporter or by the tag. */
export const BALANCES = ['all', 'rr', 'hash-agent', 'hash-tag'] as const
export type Balance = (typeof BALANCES)[number]
/** pmacct's second hash of the exporter's address is the same here. */
const OTHER_NAMES: { readonly [name: string]: Balance } = { 'hash-crc32': 'hash-agent' }

/** A topic of Kafka. */
export interface TeeTopic {
  /** HOST:PORT of some brokers, with commas; empty = those of the settings. */
  readonly brokers: string
  readonly topic: string
}

export interface TeeReceiver {
  /** An IP address or a name. */
  readonly host: string
  readonly port: number
  /** `host:port`, `kafka://host:port/topic` */
  readonly name: string
  /** Then it is no host. */
  readonly topic?: TeeTopic
}

export interface TeePool {
  readonly id: string
  readonly receivers: readonly TeeReceiver[]
  readonly balance: Balance
  /** Undefined = everything. */
  readonly tag: TagTest | undefined
  /** Undefined = that of the command. */
  readonly sourcePort: number | undefined
}

/** Limits of one file; pmacct's own are 128 pools of 32. */
export const MOST_POOLS = 1024
export const MOST_RECEIVERS = 1024

export class TeeReceivers {
  readonly file: string
  readonly pools: readonly TeePool[]

  constructor(file: string, pools: readonly TeePool[]) {
    this.file = file
    this.pools = pools
  }

  get size(): number {
    return this.pools.length
  }
}

const EXAMPLE = 'a row like id=1 ip=192.0.2.1:2100,192.0.2.2:2100'
const LARGEST_PORT = 65_535
const RECEIVER = /^(?:\[(?<six>[0-9a-fA-F:.%\w]+)\]|(?<host>[A-Za-z0-9._-]+)):(?<port>\d{1,5})$/

function portOf(text: string | undefined): number | undefined {
  const port = Number(text)
  return /^\d{1,5}$/.test(text ?? '') && port > 0 && port <= LARGEST_PORT ? port : undefined
}

const TOPIC = /^kafka(?<secure>s?):\/\/(?<broker>[A-Za-z0-9._:[\]-]*)\/(?<topic>[A-Za-z0-9._-]{1,249})$/

/** `kafka://HOST:PORT/TOPIC`; undefined for anything else. */
export function parseTopic(text: string): TeeTopic | undefined {
  const { secure, broker, topic } = TOPIC.exec(text)?.groups ?? {}
  if (broker === undefined || topic === undefined || topic === '.' || topic === '..') return undefined
  return { brokers: secure && broker ? `ssl://${broker}` : broker, topic }
}

const topicReceiver = (topic: TeeTopic): TeeReceiver => ({
  host: '',
  port: 0,
  name: `kafka://${topic.brokers.replace(/^ssl:\/\//, '')}/${topic.topic}`,
  topic,
})

/** `HOST:PORT`, `[IPV6]:PORT`, `kafka://HOST:PORT/TOPIC`; undefined for anything else. */
export function parseReceiver(text: string): TeeReceiver | undefined {
  const topic = parseTopic(text)
  if (topic) return topicReceiver(topic)
  const { six, host = six, port } = RECEIVER.exec(text)?.groups ?? {}
  const number = portOf(port)
  if (host === undefined || number === undefined) return undefined
  return { host, port: number, name: six === undefined ? `${host}:${number}` : `[${host}]:${number}` }
}

interface Draft {
  id?: string
  receivers?: TeeReceiver[]
  balance?: Balance
  tag?: TagTest
  sourcePort?: number
  brokers?: string
  topic?: string
}

/** What a key sets; text says what is wrong with the value. */
const KEYS: { readonly [key: string]: (draft: Draft, value: string) => string | undefined } = {
  id: (draft, value) => {
    draft.id = value
    return /^\d{1,10}$/.test(value) ? undefined : 'the id of a pool is a number'
  },
  ip: (draft, value) => {
    const read = parseReceivers(value)
    if (typeof read === 'string') return read
    draft.receivers = read
    return undefined
  },
  tag: (draft, value) => {
    const test = parseTagFilter(value)
    if (isProblem(test)) return test.message
    draft.tag = test
    return undefined
  },
  'balance-alg': (draft, value) => {
    const known = OTHER_NAMES[value] ?? BALANCES.find(name => name === value)
    if (known) draft.balance = known
    return known ? undefined : `one of ${[...BALANCES, ...Object.keys(OTHER_NAMES)].join(', ')}`
  },
  src_port: (draft, value) => {
    const port = portOf(value)
    if (port !== undefined) draft.sourcePort = port
    return port === undefined ? 'no port' : undefined
  },
  kafka_broker: (draft, value) => {
    draft.brokers = value
    return value.split(',').every(broker => parseTopic(`kafka://${broker}/x`)) ? undefined : 'no HOST:PORT'
  },
  kafka_topic: (draft, value) => {
    draft.topic = value
    return parseTopic(`kafka:///${value}`) ? undefined : 'no name of a topic'
  },
}

/** Receivers with commas between them, or what is wrong. */
export function parseReceivers(text: string): TeeReceiver[] | string {
  const words = text
    .split(',')
    .map(word => word.trim())
    .filter(Boolean)
  if (words.length === 0) return 'no receiver'
  if (words.length > MOST_RECEIVERS) return `more than ${MOST_RECEIVERS} receivers`
  const receivers = words.map(parseReceiver)
  const bad = receivers.indexOf(undefined)
  if (bad >= 0) return `"${words[bad]}" is not ADDRESS:PORT, NAME:PORT, [IPV6]:PORT or kafka://HOST:PORT/TOPIC`
  const twice = words.find((word, index) => words.indexOf(word) !== index)
  return twice === undefined ? (receivers as TeeReceiver[]) : `${twice} stands twice`
}

function readToken(draft: Draft, { key, value }: Token): string | undefined {
  if (key.startsWith('zmq_')) return `${key}: datagrams are sent on by UDP and to Kafka only`
  const set = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
  if (!set) return `"${key}" is no key of this map`
  const wrong = set(draft, value)
  return wrong === undefined ? undefined : `${key}=${value}: ${wrong}`
}

/** Undefined when the row names nobody; text when it names both kinds. */
function receiversOf({ receivers, brokers, topic }: Draft): readonly TeeReceiver[] | undefined | 'both' {
  if (topic === undefined) return brokers === undefined ? receivers : undefined
  return receivers ? 'both' : [topicReceiver({ brokers: brokers ?? '', topic })]
}

function readPool(file: string, row: MapRow, ids: Set<string>): TeePool | RowProblem {
  const draft: Draft = {}
  for (const token of row.tokens) {
    const wrong = readToken(draft, token)
    if (wrong !== undefined) return badRow(file, placeOf(row, token), wrong, EXAMPLE)
  }
  const { id, tag, sourcePort, balance = 'all' } = draft
  const receivers = receiversOf(draft)
  if (receivers === 'both')
    return badRow(file, { line: row.line, text: row.text }, 'the row has "ip" and a topic', EXAMPLE)
  const missing = id === undefined ? 'id' : receivers === undefined ? 'ip' : undefined
  if (id === undefined || receivers === undefined) {
    return badRow(file, { line: row.line, text: row.text }, `the row has no "${missing}"`, EXAMPLE)
  }
  if (ids.has(id)) return badRow(file, { line: row.line, text: row.text }, `pool ${id} stands twice`)
  if (ids.size >= MOST_POOLS) return badRow(file, row.line, `more than ${MOST_POOLS} pools`)
  ids.add(id)
  return { id, receivers, balance, tag, sourcePort }
}

export function parseTeeReceivers(text: MapText, file: string, bad?: RowProblem[]): TeeReceivers | Problem {
  const rows = readRows(text, file, bad)
  if (isProblem(rows)) return rows
  const ids = new Set<string>()
  const pools = readEach(rows, row => readPool(file, row, ids), bad)
  return isProblem(pools) ? pools : new TeeReceivers(file, pools)
}

export function readTeeReceivers(path: string): Promise<TeeReceivers | Problem> {
  return readMap(path, parseTeeReceivers)
}
