// The field dictionary for people and programs.

import { allFields } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'

/** What `fields` tells of a row. */
export interface FieldView {
  name: string
  primitive: string
  type: string
  json: string
  role: string
  unit?: string
  elements: string[]
  summary: string
}

function view(field: Field): FieldView {
  return {
    name: field.name,
    primitive: field.primitive ?? field.name,
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
    .filter(({ name, primitive, summary }) => word === undefined || has(name) || has(primitive) || has(summary))
}

export function markdown(views: readonly FieldView[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const rows = views.map(
    ({ name, primitive, type, role, unit, elements, summary }) =>
      `| ${[`\`${name}\``, `\`${primitive}\``, type, role, unit ?? '', elements.join(' '), summary].map(cell).join(' | ')} |`,
  )
  return [
    '| key | pmacct primitive | type | role | unit | elements | what it is |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

/** Columns that line up, cut to the width of the terminal. */
export function terminalTable(views: readonly FieldView[], width: number): string {
  const rows = views.map(({ name, primitive, type, role, summary }) => [
    name,
    primitive === name ? '' : primitive,
    type,
    role,
    summary,
  ])
  const all = [['KEY', 'PMACCT', 'TYPE', 'ROLE', 'WHAT IT IS'], ...rows]
  const widths = [0, 1, 2, 3].map(column => Math.max(...all.map(row => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return all.map(row => `${line(row).slice(0, width)}\n`).join('')
}
