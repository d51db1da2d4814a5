// The maker of every field whose type says all: it reads the first of the row's elements that the template has.
import type { AddressColumn, NumberColumn, ValueColumn } from '../../fields/column.ts'
import { knownField } from '../../fields/dictionary.ts'
import type { Element, Field } from '../../fields/field.ts'
import type { Step } from './block.ts'
import { KNOWS_START } from './learned.ts'
import type { Planner, Source } from './planner.ts'
import { eitherAddress, readAddress } from './read-address.ts'
import { readDirection, readMac, readReal, readWhole } from './read-number.ts'
import { readHex, readText } from './read-text.ts'
import { readTime } from './read-time.ts'

/** Fields that templates carry twice, once for each family or direction: a row takes the one that is not zero. */
const NOT_ZERO = new Set(['vlan', 'vlan_in', 'vlan_out', 'mask_src', 'mask_dst', 'port_src', 'port_dst'])
/** Rows that are there for an element which another row may have taken as its only source. */
const SECOND_TO: { readonly [name: string]: string } = {
  packets_out: 'packets',
  packets_total: 'packets',
  bytes_out: 'bytes',
  bytes_total: 'bytes',
}

export function makeOrdinary(planner: Planner, field: Field): boolean {
  let sources = planner.sources(field).filter(source => source.element.encoding !== 'special')
  const taken = takenBefore(planner, field)
  sources = sources.filter(source => source.index !== taken)
  if (sources.length === 0) return false
  if (field.type.lane === 'address') return makeAddress(planner, field, sources)
  if (field.type.lane === 'number') return makeNumber(planner, field, sources)
  return makeValue(planner, field, sources)
}

/** The template field that the row before took. */
function takenBefore(planner: Planner, field: Field): number | undefined {
  const first = SECOND_TO[field.name]
  return first === undefined ? undefined : counterSource(planner, first)?.index
}

/** The template field that fills a counter: the first of the row's that is readable. */
export function counterSource(planner: Planner, name: string): Source | undefined {
  const column = planner.columns.numbers(name)
  return planner.sources(knownField(name) as Field).find(source => readWhole(column, source.place))
}

function readNumber(
  planner: Planner,
  field: Field,
  column: NumberColumn,
  { element, place }: Source,
): Step | undefined {
  switch (field.type.name) {
    case 'time':
      if (!hasClock(planner, element)) return undefined
      return readTime(column, place, element.encoding, {
        ipfix: planner.ipfix,
        wholeSeconds: planner.options.compat === 'pmacct' || planner.options.wholeSeconds === true,
        uptimeSeconds: planner.options.uptimeSeconds === true,
        starts: element.encoding === 'uptime' && planner.ipfix ? startTimes(planner) : undefined,
      })
    case 'mac':
      return readMac(column, place)
    case 'real':
      return readReal(column, place)
    case 'direction':
      return readDirection(column, place)
    default:
      return readWhole(column, place)
  }
}

/**
 * sysUptime says nothing without the time when it was 0: v9 has it in the header, IPFIX in IE 160 of the record or, what
 * nfacctd does not know, of options.
 */
function hasClock(planner: Planner, { encoding }: Element): boolean {
  if (encoding !== 'uptime' || !planner.ipfix || planner.has(160)) return true
  return planner.options.compat !== 'pmacct' && planner.knows(KNOWS_START)
}

/** IE 160 of the record. */
function startTimes(planner: Planner): NumberColumn | undefined {
  const place = planner.place(160)
  if (!place) return undefined
  const column = planner.columns.numbers('timestamp_start', 'init')
  const read = readWhole(column, place)
  if (read) planner.steps.push(read)
  return read && column
}

function makeNumber(planner: Planner, field: Field, sources: readonly Source[]): boolean {
  const column = planner.columns.of(field) as NumberColumn
  let made = false
  for (const source of sources) {
    const target = made ? (planner.columns.of(field, 'second') as NumberColumn) : column
    const read = readNumber(planner, field, target, source)
    if (!read) continue
    planner.used.add(source.index)
    planner.steps.push(made ? whereZero(column, target, read) : read)
    made = true
    if (!NOT_ZERO.has(field.name)) break
  }
  return made
}

function whereZero(column: NumberColumn, other: NumberColumn, readOther: Step): Step {
  return block => {
    readOther(block)
    const { row, count } = block
    for (let at = row; at < row + count; at++) {
      const number = column.numbers[at] as number
      if (number === 0 || Number.isNaN(number)) column.numbers[at] = other.numbers[at] as number
    }
  }
}

function makeAddress(planner: Planner, field: Field, sources: readonly Source[]): boolean {
  const column = planner.columns.of(field) as AddressColumn
  let made: Step | undefined
  for (const source of sources) {
    const target = made ? (planner.columns.of(field, 'second') as AddressColumn) : column
    const read = readAddress(target, source.place)
    if (!read) continue
    planner.used.add(source.index)
    made = made ? eitherAddress(column, made, target, read, ipVersions(planner)) : read
  }
  if (made) planner.steps.push(made)
  return made !== undefined
}

/** IE 60 of the record, where a template has addresses of both families. */
export function ipVersions(planner: Planner): Float64Array | undefined {
  const place = planner.place(60)
  if (!place) return undefined
  const column = planner.columns.numbers('etype', 'version')
  const read = readWhole(column, place)
  if (read) planner.steps.push(read)
  return read && column.numbers
}

function makeValue(planner: Planner, field: Field, sources: readonly Source[]): boolean {
  const source = sources[0] as Source
  const column = planner.columns.of(field) as ValueColumn
  if (field.type.name === 'list') return false
  planner.used.add(source.index)
  planner.steps.push(field.type.name === 'text' ? readText(column, source.place) : readHex(column, source.place))
  return true
}
