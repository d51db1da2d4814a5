// `netally map check` and `netally map test`: what they print, for people on a terminal and as NDJSON.
import { isProblem, type Problem, ProblemError } from '../contract/problem.ts'
import type { NetRecord, Stream } from '../contract/record.ts'
import { readLines } from '../fields/line-reader.ts'
import type { CheckedMap } from '../maps/check.ts'
import type { KindName } from '../maps/kinds.ts'
import { type Trial, tryMap } from '../maps/try-map.ts'
import { standardInput } from '../stream/input.ts'
import { jsonText, parsedRecord } from '../stream/json.ts'
import type { StageHost } from './host.ts'

/** One line of NDJSON a problem. */
function problemLine({ file, kind }: CheckedMap, problem: Problem): string {
  const { code, message, hint, line, column, text } = problem as Problem & {
    line?: number
    column?: number
    text?: string
  }
  return `${JSON.stringify({ file, kind, line, column, problem: code, message, hint, row: text })}\n`
}

function problemForPeople({ message, hint, code }: Problem): string {
  return `${message} [${code}]\n${hint ? `  try: ${hint}\n` : ''}`
}

const rowsOf = (map: object | undefined): number => {
  if (!map) return 0
  return 'size' in map ? Number(map.size) : 'primitives' in map ? (map.primitives as unknown[]).length : 0
}

/** What was found, or that nothing was. */
export function checkText(checked: CheckedMap, json: boolean): string {
  const { file, kind, map, problems } = checked
  if (json) return problems.map(problem => problemLine(checked, problem)).join('')
  const told = problems.map(problemForPeople).join('')
  const count =
    problems.length === 0 ? 'no problem' : problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return `${told}${file}: ${kind}, ${rowsOf(map)} rows, ${count}\n`
}

function trialForPeople(number: number, record: NetRecord, { hits, misses, result }: Trial): string {
  return [
    `record ${number}  ${jsonText(record)}`,
    ...hits.map(({ line, row, because }) => `  line ${line}  ${row}\n    ${because.join(', ') || 'fits every record'}`),
    ...misses.map(({ line, row, failed }) => `  not line ${line}  ${row}\n    ${failed}`),
    result === null ? '  no row fits' : `  gives ${jsonText(result)}`,
    '',
  ].join('\n')
}

/** Lines for one record. */
export function trialText(kind: KindName, map: object, number: number, record: NetRecord, json: boolean): string {
  const trial = tryMap(kind, map, record)
  if (!trial) {
    throw new ProblemError({
      code: 'usage/not-about-records',
      message: `${kind} says nothing about records`,
      hint: 'netally map check reads it',
    })
  }
  return json ? `${jsonText({ record: number, ...trial } as never)}\n` : trialForPeople(number, record, trial)
}

/** The records of --record, else of standard input. */
export async function* recordsToTry(given: readonly string[], host: StageHost): AsyncGenerator<NetRecord> {
  for (const text of given) {
    const record = parsedRecord(text)
    if (!record || isProblem(record)) {
      throw new ProblemError({
        code: 'usage/bad-record',
        message: `--record ${text} is no JSON object`,
        hint: `--record '{"peer_ip_src":"192.0.2.1","iface_in":5}'`,
      })
    }
    yield record
  }
  if (given.length > 0) return
  const stream: Stream = readLines(standardInput(), host, { heartbeat: false, name: 'standard input' })
  for await (const batch of stream) yield* batch.records
}
