// What bgp-recv, bmp-recv and telemetry-recv do with their records before anybody sees them: tags by pmacct's
// bgp_daemon_tag_map, bmp_daemon_tag_map and telemetry_daemon_tag_map, its msglog_label_filter, and its delete records.
import { Flags } from '@oclif/core'
import type { Host } from '../contract/host.ts'
import { isProblem, type Problem, ProblemError } from '../contract/problem.ts'
import type { Stream } from '../contract/record.ts'
import type { PreTagMap } from '../maps/pre-tag-map.ts'
import { parseLabelFilter } from '../maps/tag-filter.ts'
import { withDeletes } from '../operators/deletes.ts'
import { type TagOptions, tag } from '../operators/tag.ts'

const TAGS = { helpGroup: 'TAGS' }

export const TAG_OUTPUT_FLAGS = {
  'tag-map': Flags.string({
    summary: 'rows that set tag and label by who sends (`ip=`) or any field; read again when it changes, and on SIGHUP',
    helpValue: 'FILE',
    ...TAGS,
  }),
  'label-filter': Flags.string({
    summary: 'let through records by label: texts, -TEXT; null = no label',
    helpValue: 'LIST',
    ...TAGS,
  }),
}

export const ROUTE_OUTPUT_FLAGS = {
  ...TAG_OUTPUT_FLAGS,
  deletes: Flags.boolean({
    summary: 'a delete record for every route that a session or peer leaves behind; keeps the table in memory',
  }),
}

export interface RouteOutput {
  readonly tags: TagOptions | undefined
  readonly deletes: boolean
}

type ReadMap = (path: string) => Promise<PreTagMap | Problem>

/** What the flags say. Throws a ProblemError. */
export async function routeOutput(parsed: { readonly [name: string]: unknown }, read: ReadMap): Promise<RouteOutput> {
  return { tags: await tagOptions(parsed, read), deletes: parsed.deletes === true }
}

async function tagOptions(
  parsed: { readonly [name: string]: unknown },
  read: ReadMap,
): Promise<TagOptions | undefined> {
  const { 'tag-map': path, 'label-filter': filter } = parsed
  if (path === undefined && filter === undefined) return undefined
  const readMap = path === undefined ? undefined : () => read(String(path))
  const map = await readMap?.()
  const labelFilter = filter === undefined ? undefined : parseLabelFilter(String(filter))
  for (const made of [map, labelFilter]) if (isProblem(made)) throw new ProblemError(made)
  return { map: map as PreTagMap, readMap, labelFilter: labelFilter as TagOptions['labelFilter'] }
}

/** The records of a source as they go out. */
export function withOutput(stream: Stream, { tags, deletes }: RouteOutput, host: Host): Stream {
  const whole = deletes ? withDeletes(stream, host) : stream
  return tags ? tag(whole, tags, new SourceHost(host)) : whole
}

/** Records that the filter drops were created too, though nobody else will see them. */
class SourceHost implements Host {
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  get signal(): AbortSignal {
    return this.#host.signal
  }

  get reloads(): number {
    return this.#host.reloads
  }

  count(name: string, by = 1): void {
    if (name.startsWith('dropped/')) this.#host.count('created', by)
    this.#host.count(name, by)
  }

  report(problem: Problem): void {
    this.#host.report(problem)
  }

  watch(read: Parameters<Host['watch']>[0]): void {
    this.#host.watch(read)
  }
}
