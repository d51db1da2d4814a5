// Names as Prometheus has them: letters, digits and _, no digit first (data model, "Metric names and labels").
import type { TagStyle } from 'netally'

/** Two _ at the begin are Prometheus's own. */
export function labelName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9_]/g, '_').replace(/^__+/, '_')
  return /^[0-9]/.test(name) || name === '' ? `_${name}` : name
}

export const metricName = (prefix: string, value: string): string => prefix + value.replace(/[^A-Za-z0-9_]/g, '_')

/** Between the name and the text of a label, and behind it: letters that no text of a field has. */
const IS = '\u0000'
const END = '\u0001'

/** Labels as they are for remote-write, to be split again. */
export const PLAIN_LABELS: TagStyle = {
  name: labelName,
  piece: (name, text) => `${name}${IS}${text.replaceAll(IS, ' ').replaceAll(END, ' ')}${END}`,
}

export function labelPairs(pieces: string): [name: string, text: string][] {
  return pieces
    .split(END)
    .slice(0, -1)
    .map(piece => piece.split(IS) as [string, string])
}

const ESCAPES: { readonly [letter: string]: string } = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }

/** Labels as the text format has them (exposition formats, "Comments, help text, and type information"). */
export const TEXT_LABELS: TagStyle = {
  name: labelName,
  piece: (name, text) => `,${name}="${text.replace(/[\\"\n]/g, letter => ESCAPES[letter] as string)}"`,
}
