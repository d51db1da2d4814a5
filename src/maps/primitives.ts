// User-defined elements: pmacct's aggregate_primitives, or CSV lines `name,pen,element,type[,summary]`.
import { isProblem, type Problem } from '../contract/problem.ts'
import { defineField } from '../fields/dictionary.ts'
import type { FieldRow } from '../fields/field.ts'
import { TYPES, type TypeName } from '../fields/types.ts'
import { badRow, type MapRow, mapLines, readMap, readRows } from './grammar.ts'

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

/** Reads either form: a file whose first row has no `=` is CSV. */
export function parsePrimitives(text: string, file: string): Primitives | Problem {
  const [first] = mapLines(text)
  return first && !first.text.includes('=') ? parseCsv(text, file) : parseMap(text, file)
}

function parseMap(text: string, file: string): Primitives | Problem {
  const rows = readRows(text, file)
  if (isProblem(rows)) return rows
  const primitives: Primitive[] = []
  const unused: Problem[] = []
  for (const row of rows) {
    const primitive = readRow(row)
    if (typeof primitive === 'string') return badRow(file, row.line, primitive)
    if (primitive) primitives.push(primitive)
    else
      unused.push({
        ...badRow(file, row.line, 'packet_ptr needs packets; flows have none'),
        note: true,
        code: 'maps/packet-pointer',
      })
  }
  return { file, primitives, unused }
}

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

function parseCsv(text: string, file: string): Primitives | Problem {
  const primitives: Primitive[] = []
  for (const { line, text: row } of mapLines(text)) {
    const [name = '', pen = '', id = '', type = '', ...summary] = row.split(',').map(cell => cell.trim())
    if (primitives.length === 0 && name === 'name' && pen === 'pen') continue
    const known = Object.hasOwn(SEMANTICS, type)
      ? SEMANTICS[type]
      : Object.hasOwn(TYPES, type)
        ? (type as TypeName)
        : undefined
    const primitive = known
      ? makePrimitive(line, name, pen, id, known, summary.join(', ').replace(/^"|"$/g, ''))
      : `"${type}" is no type: it is one of ${Object.keys(TYPES).join(', ')}`
    if (typeof primitive === 'string') return badRow(file, line, primitive, 'a line is name,pen,element,type[,summary]')
    primitives.push(primitive)
  }
  return { file, primitives, unused: [] }
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
  return readMap(path, parsePrimitives)
}
