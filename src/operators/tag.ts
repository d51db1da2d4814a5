// Sets tag, tag2, label and tos by a map, and lets through records by their tag and label.
import type { Needs, Operator } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { reading } from '../contract/needs.ts'
import type { Problem } from '../contract/problem.ts'
import { type Batch, recordBatch, type Stream, type Value } from '../contract/record.ts'
import { type Column, ROWS, takeValue } from '../fields/column.ts'
import { fieldOf } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { type Picked, picker } from '../fields/picker.ts'
import { labelMap } from '../maps/label-map.ts'
import { LiveMap } from '../maps/live-map.ts'
import type { PreTagMap } from '../maps/pre-tag-map.ts'
import { emptyOutcome } from '../maps/tag-action.ts'
import type { LabelTest, TagTest } from '../maps/tag-filter.ts'
import type { Tag } from '../maps/tag-value.ts'
import { clearTargets, makeSetter, makeTarget, type Setter, setTarget, type Target } from './tag-columns.ts'

/** Stream time between empty batches that go on where nothing passes, so that clocks downstream go on. */
const CLOCK_STEP_MS = 1000
/** Label maps kept ready; labels are few. */
const MAX_LABELS = 10_000

export interface TagOptions {
  readonly map?: PreTagMap | undefined
  /** Reads the map again, when host.reloads has changed. */
  readonly readMap?: (() => Promise<PreTagMap | Problem>) | undefined
  /** A label `k%v,k2%v2` becomes the object {"k": "v", "k2": "v2"}. */
  readonly labelAsMap?: boolean | undefined
  readonly tagFilter?: TagTest | undefined
  readonly tag2Filter?: TagTest | undefined
  readonly labelFilter?: LabelTest | undefined
  /** Constants that every record gets that passes, whatever the map said. */
  readonly postTag?: Tag | undefined
  readonly postTag2?: Tag | undefined
}

const NAMES = ['tag', 'tag2', 'label', 'tos'] as const
type Name = (typeof NAMES)[number]

export const tagOperator: Operator<TagOptions> = { needs: tagNeeds, apply: tag }

/** What the map reads, and what it may find set already. */
export function tagNeeds(options: TagOptions, wanted: Needs): Needs {
  return reading(
    fieldsRead(options).map(field => field.name),
    wanted,
  )
}

/** What the operator may add to a record. */
export function tagOutputs({ map, postTag, postTag2 }: TagOptions): string[] {
  return NAMES.filter(
    name => map?.sets(name) || (name === 'tag' && postTag !== undefined) || (name === 'tag2' && postTag2 !== undefined),
  )
}

function fieldsRead(options: TagOptions): Field[] {
  const { tagFilter, tag2Filter, labelFilter, labelAsMap, map } = options
  const names = new Set<string>(tagOutputs(options))
  if (tagFilter) names.add('tag')
  if (tag2Filter) names.add('tag2')
  if (labelFilter || labelAsMap) names.add('label')
  return [
    ...(map?.fields ?? []),
    ...[...names].filter(name => !map?.fields.some(field => field.name === name)).map(fieldOf),
  ]
}

/** Counts `tagged`, `dropped/tag-filter`, and what LiveMap counts. */
export async function* tag(input: Stream, options: TagOptions, host: Host, wanted?: Needs): Stream {
  const { map, readMap } = options
  const readable = wanted && !wanted.rest ? new Set(tagNeeds(options, wanted).fields) : undefined
  const live = map && readMap ? new LiveMap(map, readMap, host, next => admitted(next, readable)) : undefined
  let tagger = new Tagger(options, host)
  let clockMs = 0
  for await (const batch of input) {
    if (await live?.refresh()) tagger = new Tagger({ ...options, map: live?.current }, host)
    const tagged = batch.count === 0 ? batch : tagger.apply(batch)
    if (tagged) yield tagged
    else if (batch.now - clockMs >= CLOCK_STEP_MS) {
      clockMs = batch.now
      yield recordBatch([], clockMs)
    }
  }
}

/** In a fused line the source was told at the start which fields to read. */
function admitted(map: PreTagMap, readable: ReadonlySet<string> | undefined): PreTagMap | Problem {
  const missing = readable ? map.fields.find(field => !readable.has(field.name)) : undefined
  if (!missing) return map
  return {
    code: 'maps/new-field',
    message: `${map.file} now asks for ${missing.name}, which this line does not read`,
    hint: 'start the command again to use the new map',
  }
}

/** One map in force. */
class Tagger {
  #options: TagOptions
  #host: Host
  #pick: (batch: Batch) => Picked
  /** Where the picked columns have what the map reads: the first ones. */
  #incoming: { readonly [name in Name]: number }
  #fields: readonly Field[]
  #targets: readonly Target[]
  #target: { [name in Name]?: Target } = {}
  #set: Setter
  #outcome = emptyOutcome()
  #kept = new Int32Array(ROWS)
  #labels = new Map<string, Value>()

  constructor(options: TagOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#fields = fieldsRead(options)
    this.#pick = picker(this.#fields)
    const place = (name: Name) => this.#fields.findIndex(field => field.name === name)
    this.#incoming = { tag: place('tag'), tag2: place('tag2'), label: place('label'), tos: place('tos') }
    const names = new Set<Name>(tagOutputs(options) as Name[])
    if (options.labelAsMap) names.add('label')
    for (const name of names) this.#target[name] = makeTarget(name, options.labelAsMap ?? false)
    this.#targets = Object.values(this.#target)
    this.#set = makeSetter(
      this.#targets,
      [...names].map(name => this.#incoming[name]),
    )
  }

  /** The batch with what the map says; undefined when no record passes. */
  apply(batch: Batch): Batch | undefined {
    const picked = this.#pick(batch)
    clearTargets(this.#targets)
    let kept = 0
    let tagged = 0
    for (let index = 0; index < picked.count; index++) {
      const row = picked.rows[index] as number
      if (this.#options.map?.evaluate(picked.columns, row, this.#outcome)) tagged++
      if (!this.#passes(picked.columns, row)) continue
      this.#write(picked.columns, row)
      this.#kept[kept++] = row
    }
    if (tagged > 0) this.#host.count('tagged', tagged)
    if (kept < picked.count) this.#host.count('dropped/tag-filter', picked.count - kept)
    return kept > 0 ? this.#set(batch, picked, this.#kept, kept) : undefined
  }

  #passes(columns: readonly Column[], row: number): boolean {
    const { tagFilter, tag2Filter, labelFilter } = this.#options
    if (tagFilter && !tagFilter(this.#value('tag', columns, row))) return false
    if (tag2Filter && !tag2Filter(this.#value('tag2', columns, row))) return false
    return !labelFilter || labelFilter(this.#value('label', columns, row))
  }

  /** What the map said, else what the record has. */
  #value(name: Name, columns: readonly Column[], row: number): Value | undefined {
    const place = this.#incoming[name]
    return this.#outcome[name] ?? takeValue(this.#fields[place] as Field, columns[place] as Column, row)
  }

  #write(columns: readonly Column[], row: number): void {
    const { postTag, postTag2, labelAsMap } = this.#options
    const { tag, tag2, label, tos } = this.#target
    if (tag) setTarget(tag, row, postTag ?? this.#outcome.tag)
    if (tag2) setTarget(tag2, row, postTag2 ?? this.#outcome.tag2)
    if (label)
      setTarget(label, row, labelAsMap ? this.#labelMap(this.#value('label', columns, row)) : this.#outcome.label)
    if (tos) setTarget(tos, row, this.#outcome.tos)
  }

  #labelMap(label: Value | undefined): Value | undefined {
    if (typeof label !== 'string') return label
    let map = this.#labels.get(label)
    if (map === undefined) {
      map = Object.freeze(labelMap(label))
      if (this.#labels.size >= MAX_LABELS) this.#labels.clear()
      this.#labels.set(label, map)
    }
    return map
  }
}
