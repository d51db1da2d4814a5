// In which form telemetry-recv writes what it received.
import { readFile } from 'node:fs/promises'
import { Flags } from '@oclif/core'
import type { Host } from '../contract/host.ts'
import { orThrow, type Problem, ProblemError } from '../contract/problem.ts'
import type { Stream } from '../contract/record.ts'
import { readTelemetryTagMap } from '../maps/pre-tag-map.ts'
import { type FlatOptions, flat } from '../operators/telemetry/flat.ts'
import { messages } from '../operators/telemetry/message.ts'
import { type TelemetryModels, withModels } from '../operators/telemetry/models.ts'
import { oldForm } from '../operators/telemetry/old-form.ts'
import { LEAF_FLAGS, leafOptions } from './leaf-flags.ts'
import { type ParsedOptions, texts } from './parsed.ts'
import { type RouteOutput, routeOutput, TAG_OUTPUT_FLAGS, withOutput } from './route-output.ts'

export interface TelemetryOutput {
  readonly tags: RouteOutput
  readonly flat: FlatOptions | undefined
  readonly isOld: boolean
  readonly models: TelemetryModels | undefined
  /** Of netally. */
  readonly version: string
}

const PLUGIN = 'netally-plugin-telemetry-grpc'
const MODELS = `${PLUGIN}/models`

export const TELEMETRY_OUTPUT_FLAGS = {
  ...TAG_OUTPUT_FLAGS,
  proto: Flags.string({
    summary: `.proto files of models, for compact GPB: a file or a folder; repeat for more (${PLUGIN})`,
    helpValue: 'PATH',
    multiple: true,
    multipleNonGreedy: true,
    helpGroup: 'DECODING',
  }),
  flat: Flags.boolean({
    summary: 'one record a leaf: name (its path), keys of the lists around it, value',
    helpGroup: 'LEAVES',
  }),
  ...LEAF_FLAGS,
}

/** What the flags say. Throws a ProblemError. */
export async function telemetryOutput(parsed: ParsedOptions): Promise<TelemetryOutput> {
  return {
    tags: await routeOutput(parsed, readTelemetryTagMap),
    flat: flatOptions(parsed),
    models: await modelsOf(texts(parsed.proto)),
    isOld: parsed.compat === 'pmacct',
    version: await ownVersion(),
  }
}

function flatOptions(parsed: ParsedOptions): FlatOptions | undefined {
  if (parsed.flat === true) return leafOptions(parsed)
  const flag = ['keys', 'keep-text', 'closes', 'rate'].find(
    name => parsed[name] !== undefined && parsed[name] !== false,
  )
  if (flag === undefined) return undefined
  throw new ProblemError({ code: 'usage/needs-flat', message: `--${flag} is about leaves`, hint: 'add --flat' })
}

interface ModelsPlugin {
  loadModels(paths: readonly string[]): TelemetryModels | Problem
}

async function modelsOf(paths: readonly string[]): Promise<TelemetryModels | undefined> {
  if (paths.length === 0) return undefined
  let plugin: ModelsPlugin
  try {
    plugin = (await import(MODELS)) as ModelsPlugin
  } catch (error) {
    throw new ProblemError({
      code: 'usage/no-models-plugin',
      message: `--proto needs ${PLUGIN}: ${error instanceof Error ? error.message : String(error)}`,
      hint: `netally plugins install ${PLUGIN}`,
    })
  }
  return orThrow(plugin.loadModels(paths))
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(text) as { version?: string }).version)
}

/** The records of the source as they go out. */
export function withTelemetryOutput(stream: Stream, output: TelemetryOutput, host: Host): Stream {
  const read = output.models ? withModels(stream, output.models, host) : stream
  const tagged = withOutput(read, output.tags, host)
  if (output.flat) return flat(tagged, output.flat, host)
  return output.isOld ? oldForm(tagged) : messages(tagged, { version: output.version })
}
