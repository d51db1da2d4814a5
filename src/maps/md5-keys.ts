// Keys of TCP MD5 signatures: `address,key` a line, pmacct's bgp_daemon_md5_file. A prefix stands for every peer in it.
import { isProblem, type Problem } from '../contract/problem.ts'
import { type Prefix, parsePrefix, prefixText } from '../lookup/prefix.ts'
import { type MapText, mapLines, readEach } from './grammar.ts'
import { readMap } from './read-map.ts'
import { badRow, type RowProblem } from './row-problem.ts'

/** What the kernel takes (TCP_MD5SIG_MAXKEYLEN). */
const MOST_KEY_OCTETS = 80
const EXAMPLE = 'an address, a comma and the key a line: 192.0.2.1,secret'

export interface Md5Key {
  /** The address, or the first of the prefix. */
  readonly address: string
  readonly length: number
  /** Empty takes the key away. */
  readonly key: string
}

export class Md5Keys {
  readonly file: string
  readonly keys: readonly Md5Key[]

  constructor(file: string, keys: readonly Md5Key[]) {
    this.file = file
    this.keys = keys
  }

  get size(): number {
    return this.keys.length
  }

  /** What must be given and taken where the keys of `before` are in force. */
  changesFrom(before: Md5Keys): Md5Key[] {
    const known = new Map(before.keys.map(key => [nameOf(key), key.key]))
    const kept = new Set(this.keys.map(nameOf))
    const gone = before.keys.filter(key => !kept.has(nameOf(key))).map(key => ({ ...key, key: '' }))
    return [...gone, ...this.keys.filter(key => known.get(nameOf(key)) !== key.key)]
  }
}

const nameOf = ({ address, length }: Md5Key): string => `${address}/${length}`

function keyOf(prefix: Prefix, key: string): Md5Key {
  const [address = '', length = prefix.family === 4 ? 32 : 128] = prefixText(prefix).split('/')
  return { address, length: Number(length), key }
}

/** The key of a line. Problems never hold the line itself: it has a secret in it. */
function readKey(file: string, line: number, row: string, known: ReadonlySet<string>): Md5Key | RowProblem {
  const comma = row.indexOf(',')
  const prefix = comma < 0 ? undefined : parsePrefix(row.slice(0, comma).trim())
  if (!prefix) return badRow(file, line, 'the row does not begin with an IP address or prefix and a comma', EXAMPLE)
  const key = row.slice(comma + 1).trim()
  const octets = Buffer.byteLength(key)
  if (octets === 0 || octets > MOST_KEY_OCTETS) {
    return badRow(file, line, `the key has ${octets} octets: 1 to ${MOST_KEY_OCTETS} are possible`)
  }
  const made = keyOf(prefix, key)
  return known.has(nameOf(made)) ? badRow(file, line, `${nameOf(made)} has a key already`) : made
}

export function parseMd5Keys(text: MapText, file: string, bad?: RowProblem[]): Md5Keys | Problem {
  if (typeof text !== 'string') return badRow(file, 1, 'keys are not read from YAML', EXAMPLE)
  const known = new Set<string>()
  const keys = readEach(
    mapLines(text),
    ({ line, text: row }) => {
      const key = readKey(file, line, row.trim(), known)
      if (!isProblem(key)) known.add(nameOf(key))
      return key
    },
    bad,
  )
  return isProblem(keys) ? keys : new Md5Keys(file, keys)
}

export function readMd5Keys(path: string): Promise<Md5Keys | Problem> {
  return readMap(path, parseMd5Keys, undefined, true)
}
