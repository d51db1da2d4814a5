// User-defined elements: pmacct's aggregate_primitives, or CSV lines `name,pen,element,type[,summary]`.
import { isProblem, type Problem } from '../contract/problem.ts'
import { defineField } from '../fields/dictionary.ts'
import type { FieldRow } from '../fields/field.ts'
import { TYPES, type TypeName } from '../fields/types.ts'
import { type MapRow, type MapText, mapLines, readEach, readRows } from './grammar.ts'
import { readMap } from './read-map.ts'
import { badRow, type RowProblem } from './row-problem.ts'

export interface Primitive {
  readonly line: number
  readonly name: string
  readonly row: FieldRow
}

export interface Primitives {
  readonly file: string
  readonly primitives: readonly Primitive[]
  /** Rows that are read but not used: parts of packets (`packet_ptr`), which flows do not have. */
  readonly unused: readonly Problem[]
}

/** pmacct's semantics; hex and raw are octets in hex. */
const SEMANTICS: { readonly [semantics: string]: TypeName } = {
  u_int: 'unsigned',
  hex: 'any',
  ip: 'address',
  mac: 'mac',
  str: 'text',
  raw: 'any',
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/
const LARGEST_ELEMENT = 32767
const LARGEST_PEN = 2 ** 32 - 1
const PACKET_POINTER = /^(packet|mac|vlan|mpls|l3|l4|payload)(:(0x)?[0-9a-f]+)?(\+\d+)?$/i

/** Reads either form: a file whose first row has no `=` is CSV, and rows of YAML may have the keys of either. */
export function parsePrimitives(text: MapText, file: string, bad?: RowProblem[]): Primitives | Problem {
  const [first] = typeof text === 'string' ? mapLines(text) : []
  return first && !first.text.includes('=') ? parseCsv(text as string, file, bad) : parseMap(text, file, bad)
}

function parseMap(text: MapText, file: string, bad?: RowProblem[]): Primitives | Problem {
  const rows = readRows(text, file, bad)
  if (isProblem(rows)) return rows
  const unused: Problem[] = []
  const found = readEach(
    rows,
    row => {
      const primitive = row.tokens.some(token => token.key === 'element') ? readElement(row) : readRow(row)
      if (typeof primitive === 'string') return badRow(file, { line: row.line, text: row.text }, primitive, EXAMPLE)
      if (primitive) return [primitive]
      const problem = badRow(file, row.line, 'packet_ptr needs packets; flows have none')
      unused.push({ ...problem, note: true, code: 'maps/packet-pointer' })
      return []
    },
    bad,
  )
  return isProblem(found) ? found : { file, primitives: found.flat(), unused }
}

const EXAMPLE = 'a row like name=site field_type=32473:7 len=vlen semantics=str'

/** The primitive of a row, undefined when it is one of packets only, or what is wrong. */
function readRow({ line, tokens }: MapRow): Primitive | string | undefined {
  const words: { [key: string]: string } = {}
  let packetPointers = 0
  for (const { key, value } of tokens) {
    if (!['name', 'field_type', 'len', 'semantics', 'packet_ptr'].includes(key)) return `no such key: "${key}"`
    if (key !== 'packet_ptr' && words[key] !== undefined) return `"${key}" stands twice`
    if (key === 'packet_ptr' && !PACKET_POINTER.test(value))
      return `packet_ptr=${value} is not layer[:protocol][+offset]`
    if (key === 'packet_ptr') packetPointers++
    words[key] = value
  }
  const { name, field_type: fieldType, semantics = '', len } = words
  if (name === undefined) return 'the row has no "name"'
  if (len !== undefined && !/^(vlen|[1-9]\d{0,4})$/.test(len))
    return `len=${len} is neither a number of octets nor vlen`
  if (!Object.hasOwn(SEMANTICS, semantics)) return `semantics is one of ${Object.keys(SEMANTICS).join(', ')}`
  if (fieldType === undefined) return packetPointers > 0 ? undefined : 'the row has no "field_type"'
  const [id = '', pen = '0'] = fieldType.split(':').reverse()
  return makePrimitive(line, name, pen, id, SEMANTICS[semantics] as TypeName, '')
}

const CSV_EXAMPLE = 'a line name,pen,element,type[,summary]'

function parseCsv(text: string, file: string, bad?: RowProblem[]): Primitives | Problem {
  let isFirst = true
  const primitives = readEach(
    mapLines(text),
    ({ line, text: row }) => {
      const [name = '', pen = '', id = '', type = '', ...rest] = row.split(',').map(cell => cell.trim())
      const isHeader = isFirst && name === 'name' && pen === 'pen'
      isFirst = false
      if (isHeader) return []
      const summary = rest.join(', ').replace(/^"|"$/g, '')
      const primitive = typedPrimitive(line, name, pen, id, type, summary)
      return typeof primitive === 'string' ? badRow(file, { line, text: row }, primitive, CSV_EXAMPLE) : [primitive]
    },
    bad,
  )
  return isProblem(primitives) ? primitives : { file, primitives: primitives.flat(), unused: [] }
}

/** A row with the keys of the CSV form. */
function readElement({ line, tokens }: MapRow): Primitive | string {
  const words = new Map(tokens.map(({ key, value }) => [key, value]))
  const word = (key: string): string => words.get(key) ?? ''
  const unknown = tokens.find(({ key }) => !['name', 'pen', 'element', 'type', 'summary'].includes(key))
  if (unknown) return `no such key: "${unknown.key}"`
  return typedPrimitive(line, word('name'), words.get('pen') ?? '0', word('element'), word('type'), word('summary'))
}

function typedPrimitive(
  line: number,
  name: string,
  pen: string,
  id: string,
  type: string,
  summary: string,
): Primitive | string {
  if (Object.hasOwn(SEMANTICS, type)) return makePrimitive(line, name, pen, id, SEMANTICS[type] as TypeName, summary)
  if (Object.hasOwn(TYPES, type)) return makePrimitive(line, name, pen, id, type as TypeName, summary)
  return `"${type}" is no type: it is one of ${Object.keys(TYPES).join(', ')}`
}

function makePrimitive(
  line: number,
  name: string,
  pen: string,
  id: string,
  type: TypeName,
  summary: string,
): Primitive | string {
  const element = { id: wholeNumber(id, LARGEST_ELEMENT), pen: wholeNumber(pen, LARGEST_PEN) }
  if (!NAME.test(name)) return `"${name}" cannot name a field: letters, digits and _ . -, at most 64`
  if (!(element.id > 0)) return `"${id}" is no element: a number 1..${LARGEST_ELEMENT}`
  if (!(element.pen >= 0)) return `"${pen}" is no enterprise number`
  const row: FieldRow = {
    type,
    elements: [element],
    summary: summary || `user-defined, element ${element.pen}/${element.id}`,
  }
  return { line, name, row }
}

function wholeNumber(text: string, largest: number): number {
  return /^\d{1,10}$/.test(text) && Number(text) <= largest ? Number(text) : Number.NaN
}

/** Adds the fields to the dictionary; the first name that is taken by a field of another type stops it. */
export function definePrimitives({ file, primitives }: Primitives): Problem | undefined {
  for (const { line, name, row } of primitives) {
    const field = defineField(name, row)
    if (isProblem(field)) return badRow(file, line, field.message, field.hint)
  }
  return undefined
}

export function readPrimitives(path: string): Promise<Primitives | Problem> {
  return readMap(path, parsePrimitives, undefined, true)
}
