// The flags of tag, and what they mean.
import { Flags } from '@oclif/core'
import { isProblem, type Problem, ProblemError } from '../contract/problem.ts'
import { readPreTagMap } from '../maps/pre-tag-map.ts'
import { parseLabelFilter, parseTagFilter } from '../maps/tag-filter.ts'
import { parseTag, type Tag } from '../maps/tag-value.ts'
import type { TagOptions } from '../operators/tag.ts'

const FILTERS = { helpGroup: 'FILTERS' }

export const TAG_FLAGS = {
  map: Flags.file({ summary: "what records get (pmacct's pre_tag_map); read again on SIGHUP", helpValue: 'FILE' }),
  'label-as-map': Flags.boolean({ summary: 'a label k%v,k2%v2 becomes an object {"k":"v","k2":"v2"}' }),
  'set-tag': Flags.string({ summary: 'tag of every record that passes, over the map', helpValue: 'TAG' }),
  'set-tag2': Flags.string({ summary: 'tag2 of every record that passes, over the map', helpValue: 'TAG' }),
  'tag-filter': Flags.string({
    summary: 'pass records by tag: values, ranges, -N to leave out, 0 for untagged; commas between',
    helpValue: '1,10-20',
    ...FILTERS,
  }),
  'tag2-filter': Flags.string({ summary: 'the same by tag2', helpValue: '-6', ...FILTERS }),
  'label-filter': Flags.string({
    summary: 'pass records by label: any of its parts, -LABEL to leave out, null for none',
    helpValue: 'a,b',
    ...FILTERS,
  }),
}

function orThrow<Result>(result: Result | Problem): Result {
  if (isProblem(result)) throw new ProblemError(result)
  return result as Result
}

function tagOf(text: unknown): Tag | undefined {
  if (typeof text !== 'string') return undefined
  const tag = parseTag(text)
  if (tag !== undefined) return tag
  throw new ProblemError({ code: 'usage/bad-tag', message: `"${text}" is not a tag: a whole number up to 2^64-1` })
}

/** Options of the operator from parsed flags and the map that they name; throws a ProblemError. */
export async function tagOptions(parsed: { readonly [name: string]: unknown }): Promise<TagOptions> {
  const made = <Made>(name: string, make: (text: string) => Made | Problem): Made | undefined =>
    typeof parsed[name] === 'string' ? orThrow(make(parsed[name])) : undefined
  const path = parsed.map
  const map = typeof path === 'string' ? orThrow(await readPreTagMap(path)) : undefined
  return {
    map,
    readMap: map && (() => readPreTagMap(map.file)),
    labelAsMap: parsed['label-as-map'] === true,
    tagFilter: made('tag-filter', parseTagFilter),
    tag2Filter: made('tag2-filter', parseTagFilter),
    labelFilter: made('label-filter', parseLabelFilter),
    postTag: tagOf(parsed['set-tag']),
    postTag2: tagOf(parsed['set-tag2']),
  }
}
