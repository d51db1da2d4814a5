// In which form telemetry-recv writes what it received.
import { readFile } from 'node:fs/promises'
import type { Host } from '../contract/host.ts'
import type { Stream } from '../contract/record.ts'
import { readTelemetryTagMap } from '../maps/pre-tag-map.ts'
import { messages } from '../operators/telemetry/message.ts'
import { oldForm } from '../operators/telemetry/old-form.ts'
import type { ParsedOptions } from './parsed.ts'
import { type RouteOutput, routeOutput, TAG_OUTPUT_FLAGS, withOutput } from './route-output.ts'

type Form = 'message' | 'old'

export interface TelemetryOutput {
  readonly tags: RouteOutput
  readonly form: Form
  /** Of netally. */
  readonly version: string
}

export const TELEMETRY_OUTPUT_FLAGS = { ...TAG_OUTPUT_FLAGS }

/** What the flags say. Throws a ProblemError. */
export async function telemetryOutput(parsed: ParsedOptions): Promise<TelemetryOutput> {
  const form = parsed.compat === 'pmacct' ? 'old' : 'message'
  return { tags: await routeOutput(parsed, readTelemetryTagMap), form, version: await ownVersion() }
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(text) as { version?: string }).version)
}

/** The records of the source as they go out. */
export function withTelemetryOutput(stream: Stream, { tags, form, version }: TelemetryOutput, host: Host): Stream {
  const tagged = withOutput(stream, tags, host)
  return form === 'old' ? oldForm(tagged) : messages(tagged, { version })
}
