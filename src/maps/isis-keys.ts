// Keys of IS-IS: `SCOPE ALGORITHM[:ID] KEY` a line. The scope is what a key is for: hellos of a circuit, or the LSPs and
// sequence number PDUs of a level.
import { isProblem, type Problem } from '../contract/problem.ts'
import type { Algorithm, IsisKey } from '../wire/isis/authentication.ts'
import { DIGEST_OCTETS } from '../wire/isis/authentication.ts'
import { type MapText, mapLines, readEach } from './grammar.ts'
import { readMap } from './read-map.ts'
import { badRow, type RowProblem } from './row-problem.ts'

export type KeyScope = 'hello' | 'level-1' | 'level-2'

const SCOPES: { readonly [word: string]: readonly KeyScope[] } = {
  hello: ['hello'],
  'level-1': ['level-1'],
  'level-2': ['level-2'],
  all: ['hello', 'level-1', 'level-2'],
}
const EXAMPLE = 'hello md5 SECRET; level-2 sha256:1 SECRET; all text SECRET'
/** What an authentication TLV has room for. */
const MOST_TEXT_OCTETS = 254
const LARGEST_KEY_ID = 65_535
const encoder = new TextEncoder()

export class IsisKeys {
  readonly file: string
  readonly #keys: ReadonlyMap<KeyScope, readonly IsisKey[]>

  constructor(file: string, keys: ReadonlyMap<KeyScope, readonly IsisKey[]>) {
    this.file = file
    this.#keys = keys
  }

  get size(): number {
    return [...this.#keys.values()].reduce((sum, keys) => sum + keys.length, 0)
  }

  /** Any of them is taken; the first signs. None: what comes is not checked. */
  of(scope: KeyScope): readonly IsisKey[] {
    return this.#keys.get(scope) ?? []
  }
}

interface Row {
  readonly scopes: readonly KeyScope[]
  readonly key: IsisKey
}

/** Problems never hold the line itself: it has a secret in it. */
function readKey(file: string, line: number, row: string): Row | RowProblem {
  const [, scope = '', method = '', secret = ''] = /^(\S+)\s+(\S+)\s+(.+)$/.exec(row.trim()) ?? []
  const scopes = SCOPES[scope]
  if (!scopes) return badRow(file, line, 'the row does not begin with hello, level-1, level-2 or all', EXAMPLE)
  const [algorithm = '', id] = method.split(':')
  if (!(algorithm in DIGEST_OCTETS)) {
    return badRow(file, line, `the second word is none of ${Object.keys(DIGEST_OCTETS).join(', ')}`, EXAMPLE)
  }
  const keyId = Number(id ?? 0)
  const needsId = algorithm !== 'text' && algorithm !== 'md5'
  if ((id !== undefined) !== needsId || !Number.isInteger(keyId) || keyId < 0 || keyId > LARGEST_KEY_ID) {
    return badRow(file, line, 'sha has a key id, text and md5 have none', EXAMPLE)
  }
  const octets = encoder.encode(secret)
  if (octets.length === 0 || octets.length > MOST_TEXT_OCTETS) {
    return badRow(file, line, `the key has ${octets.length} octets: 1 to ${MOST_TEXT_OCTETS} are possible`)
  }
  return { scopes, key: { algorithm: algorithm as Algorithm, keyId, secret: octets } }
}

export function parseIsisKeys(text: MapText, file: string, bad?: RowProblem[]): IsisKeys | Problem {
  if (typeof text !== 'string') return badRow(file, 1, 'keys are not read from YAML', EXAMPLE)
  const rows = readEach(mapLines(text), ({ line, text: row }) => readKey(file, line, row), bad)
  if (isProblem(rows)) return rows
  const keys = new Map<KeyScope, IsisKey[]>()
  for (const { scopes, key } of rows) {
    for (const scope of scopes) keys.set(scope, [...(keys.get(scope) ?? []), key])
  }
  return new IsisKeys(file, keys)
}

export const readIsisKeys = (path: string): Promise<IsisKeys | Problem> => readMap(path, parseIsisKeys, undefined, true)
