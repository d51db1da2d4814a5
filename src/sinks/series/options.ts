// How records become points of time series, for all backends that have such.
import type { Value } from '../../contract/record.ts'
import type { Field } from '../../fields/field.ts'

export interface SeriesOptions {
  /** Fields that tell series apart; undefined = all keys that come, without times. */
  readonly tags: readonly Field[] | undefined
  /** Fields that are measured; undefined = all that are not keys. */
  readonly values: readonly Field[] | undefined
  /** Times in the order in which they are believed. */
  readonly times: readonly Field[]
  /** Tags that every point has besides. */
  readonly fixed: readonly (readonly [name: string, text: string])[]
}

/** How a backend writes one tag of a series; '' leaves it out. The pieces of a point stand in the order of `name`. */
export interface TagStyle {
  /** The name as the backend takes it. */
  name(name: string): string
  piece(name: string, text: string): string
}

/** Text of a value as a tag: lists with spaces between; '' when there is none. */
export function tagText(value: Value | undefined): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(tagText).join(' ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
