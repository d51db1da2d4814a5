// What a row of pre_tag_map sets, and how rows are joined.
import { parseTag, STACKS, type Stack, type Tag } from './tag-value.ts'

export interface TagAction {
  tag?: Tag
  /** `set_tag=1++`: every match takes the next number. */
  tagStep?: boolean
  tag2?: Tag
  tag2Step?: boolean
  label?: string
  tos?: number
  /** `label=`: where `jeq=` of an earlier row jumps to. */
  entry?: string
  jeq?: string
  stack?: Stack
}

/** What the rows that a record met gave it, together; undefined = nothing set. */
export interface TagOutcome {
  tag: Tag | undefined
  tag2: Tag | undefined
  label: string | undefined
  tos: number | undefined
}

export function emptyOutcome(): TagOutcome {
  return { tag: undefined, tag2: undefined, label: undefined, tos: undefined }
}

type SetKey = (action: TagAction, value: string) => string | undefined

function setTag(name: 'tag' | 'tag2', step: 'tagStep' | 'tag2Step'): SetKey {
  return (action, value) => {
    if (action[name] !== undefined) return `the row sets ${name} twice`
    const stepping = value.endsWith('++')
    const tag = parseTag(stepping ? value.slice(0, -2) : value)
    if (tag === undefined) return 'a tag is a whole number from 0 to 2^64-1'
    action[name] = tag
    action[step] = stepping
    return undefined
  }
}

/** The keys of pre_tag_map that do not match but set; `id` and `id2` are the names of old. */
export const TAG_SET_KEYS: { readonly [key: string]: SetKey } = {
  set_tag: setTag('tag', 'tagStep'),
  id: setTag('tag', 'tagStep'),
  set_tag2: setTag('tag2', 'tag2Step'),
  id2: setTag('tag2', 'tag2Step'),
  set_label: (action, value) => {
    action.label = value
    return undefined
  },
  set_tos: (action, value) => {
    const tos = Number(value)
    if (!/^\d{1,3}$/.test(value) || tos > 255) return 'tos is a whole number 0..255'
    action.tos = tos
    return undefined
  },
  label: (action, value) => {
    if (value === 'next') return '"next" is kept for jeq=next'
    action.entry = value
    return undefined
  },
  jeq: (action, value) => {
    action.jeq = value
    return undefined
  },
  stack: (action, value) => {
    if (value !== 'sum' && value !== 'or') return 'stack is sum or or'
    action.stack = value
    return undefined
  },
  return: (_action, value) =>
    value === 'false' ? undefined : 'only return=false is known: a record is not passed on twice',
}

/** Adds what a row sets. Tags replace or are stacked; labels are put one after the other, with commas. */
export function applyAction(action: TagAction, outcome: TagOutcome, advance: boolean): void {
  if (action.tag !== undefined) outcome.tag = stacked(action, action.tag, outcome.tag)
  if (action.tag2 !== undefined) outcome.tag2 = stacked(action, action.tag2, outcome.tag2)
  if (action.label !== undefined) {
    outcome.label = outcome.label === undefined ? action.label : `${outcome.label},${action.label}`
  }
  if (action.tos !== undefined) outcome.tos = action.tos
  if (!advance) return
  if (action.tagStep && action.tag !== undefined) action.tag = STACKS.sum(action.tag, 1)
  if (action.tag2Step && action.tag2 !== undefined) action.tag2 = STACKS.sum(action.tag2, 1)
}

function stacked({ stack }: TagAction, tag: Tag, before: Tag | undefined): Tag {
  return stack ? STACKS[stack](tag, before ?? 0) : tag
}
