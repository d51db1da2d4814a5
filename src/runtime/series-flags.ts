// Flags of sinks that write time series: which fields are tags, which are measured, which say the time.
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { fieldOf, fieldsOf } from '../fields/dictionary.ts'
import { TIME_FIELDS } from '../sinks/record-name.ts'
import type { SeriesOptions } from '../sinks/series/options.ts'
import { words } from './parsed.ts'

const GROUP = { helpGroup: 'SERIES' }

export const SERIES_FLAGS = {
  tags: Flags.string({
    summary: 'fields that tell series apart, or none; default: all that come, without counters and times',
    helpValue: 'a,b',
    ...GROUP,
  }),
  values: Flags.string({
    summary: 'fields that are measured; default: all counters that come',
    helpValue: 'a,b',
    ...GROUP,
  }),
  time: Flags.string({
    summary: 'field with the time; default: the bin, else when the record arrived',
    helpValue: 'FIELD',
    ...GROUP,
  }),
  with: Flags.string({
    summary: 'a tag that every point has besides; repeat for more',
    helpValue: 'NAME=TEXT',
    multiple: true,
    multipleNonGreedy: true,
    ...GROUP,
  }),
}

function fixedTag(text: unknown): readonly [string, string] {
  const match = /^([^=]+)=(.+)$/s.exec(String(text))
  if (match) return [match[1] as string, match[2] as string]
  throw new ProblemError({
    code: 'usage/bad-tag',
    message: `--with "${text}" is no tag`,
    hint: 'write NAME=TEXT: --with site=fra1',
  })
}

/** What SERIES_FLAGS mean; throws a ProblemError. */
export function seriesOptions(parsed: { readonly [name: string]: unknown }): SeriesOptions {
  const { tags, values, time } = parsed
  const fields = (value: unknown) => [...new Set(words(value).flatMap(fieldsOf))]
  return {
    tags: tags === undefined ? undefined : tags === 'none' ? [] : fields(tags),
    values: values === undefined ? undefined : fields(values),
    times: time === undefined ? TIME_FIELDS.map(fieldOf) : [fieldOf(String(time))],
    fixed: Array.isArray(parsed.with) ? parsed.with.map(fixedTag) : [],
  }
}

/** Fields that are read, where all are named; undefined = any. */
export function seriesFields({ tags, values, times }: SeriesOptions): string[] | undefined {
  return tags && values && [...tags, ...values, ...times].map(({ name }) => name)
}
