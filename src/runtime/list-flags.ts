// The flags of aggregate that name lists of values, and what they mean.
import { Flags } from '@oclif/core'
import { orThrow } from '../contract/problem.ts'
import { type ListKind, PORTS, PROTOCOLS, readValueList, TOS } from '../maps/value-list.ts'
import type { ListedKeys } from '../operators/aggregate/buckets.ts'

const LISTS = { helpGroup: 'LISTS', helpValue: 'FILE' }

export const LIST_FLAGS = {
  'ports-file': Flags.string({ summary: 'ports that are kept apart; other ports are 0', ...LISTS }),
  'protos-file': Flags.string({ summary: 'protocols that are kept apart; others are 255', ...LISTS }),
  'tos-file': Flags.string({ summary: 'TOS values that are kept apart; others are 255', ...LISTS }),
}

const LISTED: readonly (readonly [flag: keyof typeof LIST_FLAGS, kind: ListKind, names: readonly string[]])[] = [
  ['ports-file', PORTS, ['port_src', 'port_dst']],
  ['protos-file', PROTOCOLS, ['ip_proto']],
  ['tos-file', TOS, ['tos']],
]

/** The lists that are asked for; throws a ProblemError. */
export async function listedKeys(parsed: { readonly [name: string]: unknown }): Promise<ListedKeys[]> {
  const lists: ListedKeys[] = []
  for (const [flag, kind, names] of LISTED) {
    const path = parsed[flag]
    if (typeof path !== 'string') continue
    const read = () => readValueList(kind, path)
    lists.push({ names, list: orThrow(await read()), read })
  }
  return lists
}
