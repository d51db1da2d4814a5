// The flags of tag, and what they mean.
import { Flags } from '@oclif/core'
import { isProblem, orThrow, ProblemError } from '../contract/problem.ts'
import { readPreTagMap } from '../maps/pre-tag-map.ts'
import { parseLabelFilter, parseTagFilter } from '../maps/tag-filter.ts'
import type { TagOptions } from '../operators/tag.ts'
import { text } from './parsed.ts'

export const TAG_FLAGS = {
  'pre-tag-map': Flags.string({ summary: "rows that set tags and labels, pmacct's pre_tag_map", helpValue: 'FILE' }),
  'tag-filter': Flags.string({
    summary: 'let through records by tag: values, ranges, -VALUE; 0 = no tag',
    helpValue: 'LIST',
  }),
  'tag2-filter': Flags.string({ summary: 'the same for tag2', helpValue: 'LIST' }),
  'label-filter': Flags.string({
    summary: 'let through records by label: texts, -TEXT; null = no label',
    helpValue: 'LIST',
  }),
  'post-tag': Flags.string({ summary: 'the tag of every record that passes', helpValue: 'NUMBER' }),
  'post-tag2': Flags.string({ summary: 'the tag2 of every record that passes', helpValue: 'NUMBER' }),
  'label-as-map': Flags.boolean({ summary: 'labels k%v,k2%v2 become objects' }),
}

function tagNumber(flag: string, value: unknown): number | bigint | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,20}$/.test(String(value)) && BigInt(String(value)) < 2n ** 64n) {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : BigInt(String(value))
  }
  throw new ProblemError({
    code: 'usage/bad-tag',
    message: `--${flag} "${String(value)}" is no tag`,
    hint: 'a tag is a whole number below 2^64',
  })
}

export async function tagOptions(parsed: { readonly [name: string]: unknown }): Promise<TagOptions> {
  const path = text(parsed['pre-tag-map'])
  const readMap = path === undefined ? undefined : () => readPreTagMap(path)
  const map = readMap ? await readMap() : undefined
  if (isProblem(map)) throw new ProblemError(map)
  const tagFilter = text(parsed['tag-filter'])
  const tag2Filter = text(parsed['tag2-filter'])
  const labelFilter = text(parsed['label-filter'])
  return {
    map,
    readMap,
    labelAsMap: parsed['label-as-map'] === true,
    tagFilter: tagFilter === undefined ? undefined : orThrow(parseTagFilter(tagFilter)),
    tag2Filter: tag2Filter === undefined ? undefined : orThrow(parseTagFilter(tag2Filter)),
    labelFilter: labelFilter === undefined ? undefined : orThrow(parseLabelFilter(labelFilter)),
    postTag: tagNumber('post-tag', parsed['post-tag']),
    postTag2: tagNumber('post-tag2', parsed['post-tag2']),
  }
}
