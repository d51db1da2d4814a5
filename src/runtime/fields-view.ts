// The field dictionary for people and programs.

import { bothEndsUnder } from '../fields/both-ends.ts'
import { allFields } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'

/** What `fields` tells of a row. */
export interface FieldView {
  name: string
  primitive: string
  /** pmacct's primitive that sums both ends under this key. */
  both_ends?: string
  type: string
  json: string
  role: string
  unit?: string
  elements: string[]
  summary: string
}

function view(field: Field): FieldView {
  const bothEnds = bothEndsUnder(field.name)
  return {
    name: field.name,
    primitive: field.primitive ?? field.name,
    ...(bothEnds ? { both_ends: bothEnds } : {}),
    type: field.type.name,
    json: field.type.json,
    role: field.role,
    ...(field.unit ? { unit: field.unit } : {}),
    elements: (field.elements ?? []).map(({ pen, id }) => (pen === 0 ? String(id) : `${pen}/${id}`)),
    summary: field.summary,
  }
}

/** Rows whose name, primitive or summary has the word; all without one. */
export function fieldViews(word: string | undefined): FieldView[] {
  const has = (text: string) => text.toLowerCase().includes((word ?? '').toLowerCase())
  return allFields()
    .map(view)
    .filter(
      ({ name, primitive, both_ends = '', summary }) =>
        word === undefined || [name, primitive, both_ends, summary].some(has),
    )
}

/** pmacct's words for a field. */
const words = ({ primitive, both_ends }: FieldView): string[] => [primitive, ...(both_ends ? [both_ends] : [])]

export function markdown(views: readonly FieldView[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const rows = views.map(view => {
    const { name, type, role, unit = '', elements, summary } = view
    const primitives = words(view).map(word => `\`${word}\``)
    const cells = [`\`${name}\``, primitives.join(', '), type, role, unit, elements.join(' '), summary]
    return `| ${cells.map(cell).join(' | ')} |`
  })
  return [
    '| key | pmacct primitive | type | role | unit | elements | what it is |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

/** Columns that line up, cut to the width of the terminal. */
export function terminalTable(views: readonly FieldView[], width: number): string {
  const rows = views.map(view => {
    const { name, type, role, summary } = view
    return [
      name,
      words(view)
        .filter(word => word !== name)
        .join(', '),
      type,
      role,
      summary,
    ]
  })
  const all = [['KEY', 'PMACCT', 'TYPE', 'ROLE', 'WHAT IT IS'], ...rows]
  const widths = [0, 1, 2, 3].map(column => Math.max(...all.map(row => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return all.map(row => `${line(row).slice(0, width)}\n`).join('')
}
