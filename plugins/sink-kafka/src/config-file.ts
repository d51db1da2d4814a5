// Settings in the manner of librdkafka, as pmacct's kafka_config_file has them: `global, KEY, VALUE`, `topic, KEY, VALUE`, or KEY=VALUE.
import { flagFile, type Problem, ProblemError } from 'netally'

/** Other names of the same setting. */
const ALIASES: { readonly [name: string]: string } = {
  'metadata.broker.list': 'bootstrap.servers',
  'sasl.mechanisms': 'sasl.mechanism',
  'compression.codec': 'compression.type',
  'request.required.acks': 'acks',
}

/** Those that mean something here. */
const KNOWN: ReadonlySet<string> = new Set([
  'bootstrap.servers',
  'client.id',
  'security.protocol',
  'sasl.mechanism',
  'sasl.username',
  'sasl.password',
  'ssl.ca.location',
  'ssl.certificate.location',
  'ssl.key.location',
  'enable.ssl.certificate.verification',
  'compression.type',
  'message.max.bytes',
  'enable.idempotence',
  'group.id',
  'auto.offset.reset',
  'session.timeout.ms',
  'acks',
])

/** Settings by their first name. */
export type Settings = ReadonlyMap<string, string>

const bad = (path: string, line: number, why: string): ProblemError =>
  new ProblemError({
    code: 'kafka/bad-config',
    message: `${path} line ${line}: ${why}`,
    hint: 'write `global, KEY, VALUE`, `topic, KEY, VALUE` or KEY=VALUE, with names of librdkafka',
  })

/** Key and value of a line; undefined where there is none. */
function pairOf(text: string): readonly [string, string] | undefined {
  const pmacct = /^(?:global|topic)\s*,\s*([^,\s]+)\s*,\s*(.*)$/.exec(text)
  const plain = pmacct ?? /^([A-Za-z][\w.]*)\s*=\s*(.*)$/.exec(text)
  return plain ? [plain[1] as string, (plain[2] as string).trim()] : undefined
}

/** Reads the settings of a text. `onUnused` is told of what means nothing here. Throws a ProblemError for a line that is none. */
export function parseSettings(path: string, text: string, onUnused: (problem: Problem) => void): Settings {
  const settings = new Map<string, string>()
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = raw.trim()
    if (line === '' || /^[#!;]/.test(line)) return
    const pair = pairOf(line)
    if (!pair) throw bad(path, index + 1, `"${line.slice(0, 80)}" is no setting`)
    const name = ALIASES[pair[0]] ?? pair[0]
    if (KNOWN.has(name)) settings.set(name, pair[1])
    else {
      onUnused({
        code: 'kafka/unused-setting',
        message: `${path} line ${index + 1}: ${pair[0]} means nothing to netally`,
        hint: 'batches, pauses and timeouts are flags of the command: see its --help',
        note: true,
      })
    }
  })
  const acks = settings.get('acks')
  if (acks !== undefined && !/^(all|-1)$/.test(acks)) {
    onUnused({
      code: 'kafka/acks',
      message: `${path}: acks=${acks} is not taken: a record counts as delivered when all in-sync replicas have it`,
      note: true,
    })
  }
  return settings
}

/** Settings of a file; none without one. Throws a ProblemError. */
export function readSettings(path: string | undefined, onUnused: (problem: Problem) => void): Settings {
  if (path === undefined) return new Map()
  return parseSettings(path, flagFile('config', path).toString('utf8'), onUnused)
}
