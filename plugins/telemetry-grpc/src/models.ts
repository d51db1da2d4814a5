// Models of compact GPB: .proto files of the user's, from which each path has its messages. Core imports this file where
// --proto is given: nothing of netally is imported here but types.
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem, RowModel, TelemetryModels, Value } from 'netally'
import protobuf from 'protobufjs'
import { messageValue } from './message-value.ts'

/** Paths whose model is remembered; they come from the wire. */
const REMEMBERED = 10_000
const MOST_FILES = 20_000
const KEYS = '_KEYS'

/** Reads the messages of one path. `hasDefaults`: what is not there is 0, as .proto version 3 has it. */
class MessageModel implements RowModel {
  readonly #keys: protobuf.Type | undefined
  readonly #content: protobuf.Type
  readonly #hasDefaults: boolean

  constructor(keys: protobuf.Type | undefined, content: protobuf.Type, hasDefaults: boolean) {
    this.#keys = keys
    this.#content = content
    this.#hasDefaults = hasDefaults
  }

  keys(octets: Uint8Array): Value | Problem {
    if (!this.#keys) return { code: 'telemetry/no-keys-model', message: 'the .proto has no message for its keys' }
    return this.#read(this.#keys, octets)
  }

  content(octets: Uint8Array): Value | Problem {
    return this.#read(this.#content, octets)
  }

  #read(type: protobuf.Type, octets: Uint8Array): Value | Problem {
    try {
      return messageValue(type, type.decode(octets), this.#hasDefaults)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return { code: 'telemetry/not-the-model', message: `it is no ${type.fullName.slice(1)}: ${reason}` }
    }
  }
}

class Models implements TelemetryModels {
  readonly #root: protobuf.Root
  readonly #known = new Map<string, RowModel | undefined>()

  constructor(root: protobuf.Root) {
    this.#root = root
  }

  find(path: string, message: string | undefined): RowModel | undefined {
    const name = message ?? path
    if (this.#known.has(name)) return this.#known.get(name)
    if (this.#known.size >= REMEMBERED) this.#known.clear()
    const model = message === undefined ? this.#ofPackage(packageOf(path)) : this.#ofMessage(message)
    this.#known.set(name, model)
    return model
  }

  /** Huawei says which message it is: one that begins at the root of the model, so that what is not there was not asked for. */
  #ofMessage(name: string): RowModel | undefined {
    const type = this.#root.lookup(name, [protobuf.Type])
    return type instanceof protobuf.Type ? new MessageModel(undefined, type, false) : undefined
  }

  /** Cisco has a package for each path: a message `..._KEYS`, and the one that it is of. */
  #ofPackage(name: string): RowModel | undefined {
    const found = this.#root.lookup(name)
    if (!found || !(found instanceof protobuf.Namespace)) return undefined
    const types = found.nestedArray.filter(one => one instanceof protobuf.Type)
    const keys = types.find(type => type.name.endsWith(KEYS))
    const content = keys ? types.find(type => `${type.name}${KEYS}` === keys.name) : outermost(types)
    return content && new MessageModel(keys, content, true)
  }
}

/** The one message that is not a part of others. */
function outermost(types: readonly protobuf.Type[]): protobuf.Type | undefined {
  const parts = new Set(types.flatMap(type => type.fieldsArray.map(({ type: part }) => part)))
  const whole = types.filter(({ name }) => !parts.has(name))
  return whole.length === 1 ? whole[0] : undefined
}

/** `Cisco-IOS-XR-infra-statsd-oper:infra-statistics/interfaces` is package `cisco_ios_xr_infra_statsd_oper.infra_statistics.interfaces`. */
export const packageOf = (path: string): string =>
  path
    .replace(/\[[^\]]*\]/g, '')
    .replace(/^\/|\/$/g, '')
    .toLowerCase()
    .replace(/[:/]/g, '.')
    .replace(/[^a-z0-9.]/g, '_')

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return globSync('**/*.proto', { cwd: path })
    .sort()
    .map(name => join(path, name))
}

const bad = (message: string): Problem => ({
  code: 'usage/bad-proto',
  message,
  hint: '--proto takes .proto files, or folders with them; of one software release, so that no message is there twice',
})

/** Reads .proto files and folders of them. */
export function loadModels(paths: readonly string[]): TelemetryModels | Problem {
  const root = new protobuf.Root()
  let reading = ''
  try {
    const files = paths.flatMap(path => {
      reading = path
      return filesOf(path)
    })
    if (files.length === 0) return bad(`there is no .proto file in ${paths.join(', ')}`)
    if (files.length > MOST_FILES) return bad(`${files.length} .proto files are more than ${MOST_FILES}`)
    for (const file of files) {
      reading = file
      protobuf.parse(readFileSync(file, 'utf8'), root, { keepCase: true })
    }
    reading = 'all together'
    root.resolveAll()
  } catch (error) {
    return bad(`${reading}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return new Models(root)
}
