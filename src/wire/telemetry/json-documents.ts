// JSON documents (RFC 8259) in a stream of octets: objects and arrays, one after another, whatever stands between them
// (line feeds, RFC 7464 record separators, commas). Only brackets and texts are looked at here; JSON.parse does the rest.
import { isProblem, type Problem } from '../../contract/problem.ts'
import type { Value } from '../../contract/record.ts'
import { parseExact } from '../../stream/json.ts'
import { MAX_DEPTH } from './depth.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const FIRST_OCTETS = 4096
/** Between documents, no reason to complain: blanks, separators, the octets of a byte order mark. */
const BETWEEN: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0x2c, 0x1e, 0x00, 0xef, 0xbb, 0xbf])
const isOpening = (octet: number): boolean => octet === 0x7b || octet === 0x5b
const isClosing = (octet: number): boolean => octet === 0x7d || octet === 0x5d

const utf8 = new TextDecoder()

/** The object or array that octets are, all of them; undefined when they are not, or it is nested too deep. */
export function parseWhole(octets: Uint8Array): Value | undefined {
  try {
    const value = parseExact(utf8.decode(octets))
    return typeof value === 'object' && value !== null && !isDeeper(value, MAX_DEPTH) ? value : undefined
  } catch {
    return undefined
  }
}

function isDeeper(value: Value, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth === 0) return true
  if (Array.isArray(value)) return value.some(inner => isDeeper(inner, depth - 1))
  const members = value as { readonly [name: string]: Value }
  for (const name in members) if (isDeeper(members[name] as Value, depth - 1)) return true
  return false
}

/** The value of a JSON text in octets, or a Problem `telemetry/json`. */
export function parseJson(octets: Uint8Array): Value | Problem {
  const whole = parseWhole(octets)
  if (whole !== undefined) return whole
  const documents = new JsonDocuments(octets.length)
  for (const document of documents.take(octets, 0, octets.length)) return document
  const message = documents.rest > 0 ? 'the JSON text ends within a value' : 'no JSON object or array'
  return { code: 'telemetry/json', message }
}

/** A document may have members code and message; only our own problems begin so. */
export function isReadProblem(value: Value | Problem): value is Problem {
  return isProblem(value) && value.code.startsWith('telemetry/')
}

export class JsonDocuments {
  /** Octets that belong to no document. */
  garbage = 0
  readonly #maxOctets: number
  #octets = new Uint8Array(FIRST_OCTETS)
  #filled = 0
  #depth = 0
  #inText = false
  #isEscaped = false
  /** The document is too long or too deep: its octets are not kept. */
  #refused: Problem | undefined

  /** `maxOctets`: of one document. */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets
  }

  /** Octets of a document that is not whole. */
  get rest(): number {
    return this.#filled
  }

  /** Documents that are whole with these octets; a Problem in the place of one that cannot be read. */
  *take(octets: Uint8Array, start: number, end: number): Generator<Value | Problem> {
    let from = start
    for (let at = start; at < end; at++) {
      const octet = octets[at] as number
      if (this.#depth === 0) {
        if (isOpening(octet)) {
          from = at
          this.#depth = 1
        } else if (!BETWEEN.has(octet)) this.garbage++
      } else if (this.#closes(octet)) {
        this.#keep(octets, from, at + 1)
        yield this.#document()
      }
    }
    if (this.#depth > 0) this.#keep(octets, from, end)
  }

  /** Follows an octet within a document; true when it ends the document. */
  #closes(octet: number): boolean {
    if (this.#inText) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (octet === BACKSLASH) this.#isEscaped = true
      else if (octet === QUOTE) this.#inText = false
    } else if (octet === QUOTE) this.#inText = true
    else if (isOpening(octet)) this.#deeper()
    else if (isClosing(octet)) this.#depth--
    return this.#depth === 0
  }

  #deeper(): void {
    this.#depth++
    if (this.#depth > MAX_DEPTH) {
      this.#refused = { code: 'telemetry/too-deep', message: `a document is nested more than ${MAX_DEPTH} deep` }
    }
  }

  #keep(octets: Uint8Array, from: number, to: number): void {
    const needed = this.#filled + to - from
    if (needed > this.#maxOctets) {
      this.#refused ??= { code: 'telemetry/too-long', message: `a document is longer than ${this.#maxOctets} octets` }
    }
    if (this.#refused) return
    if (needed > this.#octets.length) {
      const larger = new Uint8Array(Math.min(Math.max(needed, 2 * this.#octets.length), this.#maxOctets))
      larger.set(this.#octets.subarray(0, this.#filled))
      this.#octets = larger
    }
    this.#octets.set(octets.subarray(from, to), this.#filled)
    this.#filled = needed
  }

  #document(): Value | Problem {
    const refused = this.#refused
    const text = refused ? '' : utf8.decode(this.#octets.subarray(0, this.#filled))
    this.#filled = 0
    this.#inText = false
    this.#refused = undefined
    if (refused) return refused
    try {
      return parseExact(text)
    } catch (error) {
      return { code: 'telemetry/json', message: error instanceof Error ? error.message : String(error) }
    }
  }
}
