// Messages of a broker as records: a JSON object, several with line feeds between them, or an array. Objects go on as the text
// they came as.
import type { Host } from '../../contract/host.ts'
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch } from '../../contract/record.ts'
import { LineBatch, type LineContext } from '../../fields/batch.ts'
import { newestReader } from '../../fields/line-reader.ts'
import { isLineProblem, jsonText, parseRecord } from '../../stream/json.ts'
import type { FeedMessage, MessageDecoder } from './feed.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The texts of the elements of a JSON array of objects; undefined when it is none. */
function elements(text: string): string[] | undefined {
  const wrapped = parseRecord(`{"all":${text}}`)
  if (isLineProblem(wrapped)) return undefined
  const all = (wrapped as NetRecord).all
  if (!Array.isArray(all)) return undefined
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
  return all.every(isObject) ? all.map(value => jsonText(value)) : undefined
}

const isRecord = (text: string): boolean => text.startsWith('{') && !isLineProblem(parseRecord(text))

/** The lines of a message; undefined when it has no records. */
export function messageLines(message: string): string[] | undefined {
  const text = message.trim()
  if (text.startsWith('[')) return elements(text)
  if (!text.includes('\n')) return isRecord(text) ? [text] : undefined
  const lines = text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean)
  if (lines.every(isRecord)) return lines
  // One object, written on several lines.
  const record = parseRecord(text)
  return isLineProblem(record) ? undefined : [jsonText(record as NetRecord)]
}

export class MessageLines implements MessageDecoder {
  readonly #host: Host
  readonly #context: LineContext
  #lines: string[] = []
  #count = 0

  constructor(host: Host) {
    this.#host = host
    this.#context = {
      clock: { nowMs: 0 },
      onBadLine: problem => host.report(problem),
      newestMs: newestReader(),
    }
  }

  async *decode(messages: readonly FeedMessage[]): AsyncIterable<Batch> {
    for (const message of messages) this.add(message)
    yield* this.batches()
  }

  add(message: FeedMessage): void {
    const lines = messageLines(decoder.decode(message.octets))
    if (lines) for (const line of lines) this.#lines.push(line)
    else this.bad(message, 'it is no JSON object, nor several')
  }

  addRecord(record: NetRecord): void {
    this.#lines.push(jsonText(record))
  }

  /** A message without records is counted as a record that was lost. */
  bad(message: FeedMessage, why: string): void {
    message.refuse?.()
    this.#host.count('created')
    this.#host.count('dropped/bad-message')
    this.#host.report({
      code: 'message/bad',
      message: `${message.place()}: ${why}`,
      hint: 'the message was left out; --strict ends at the first',
    })
  }

  /** Everything that was added; a batch is valid until the next one is asked for. */
  *batches(): Iterable<Batch> {
    const lines = this.#lines
    this.#lines = []
    for (let from = 0; from < lines.length; from += RECORDS_PER_BATCH) {
      yield this.#batch(lines.slice(from, from + RECORDS_PER_BATCH))
    }
  }

  #batch(lines: readonly string[]): Batch {
    const octets = encoder.encode(`${lines.join('\n')}\n`)
    const count = lines.length
    const [starts, ends, numbers] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)]
    for (let index = 0, from = 0; index < count; index++) {
      const end = octets.indexOf(10, from)
      starts[index] = from
      ends[index] = end
      numbers[index] = ++this.#count
      from = end + 1
    }
    return new LineBatch(octets, starts, ends, numbers, count, this.#context)
  }

  silence(ms: number): Batch | undefined {
    const { clock } = this.#context
    if (clock.nowMs === 0) return undefined
    clock.nowMs += ms
    return recordBatch([], clock.nowMs)
  }
}
