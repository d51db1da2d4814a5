// Points as lines of InfluxDB's line protocol: `measurement,tag=text field=1i 1764000000000000000`.
import { type Point, type SeriesValue, type TagStyle, tagText } from 'netally'

type Value = Point['values'][number]

const SPECIAL = /[,= \\\r\n]/
const GREATEST = 2n ** 63n - 1n
const LEAST = -(2n ** 63n)
const GREATEST_UNSIGNED = 2n ** 64n - 1n

/**
 * A key, a tag or the text of one. The protocol has no way to write a line feed there, which becomes a space, and none for a
 * backslash before `,`, `=`, a space or the end, which becomes two.
 */
export function escapedKey(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text
    .replace(/[\r\n]/g, ' ')
    .replace(/\\(?=[,= ]|$)/g, '\\\\')
    .replace(/[,= ]/g, '\\$&')
}

/** A measurement may have `=` in it. */
export const escapedMeasurement = (text: string): string => escapedKey(text).replaceAll('\\=', '=')

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

export const INFLUX_TAGS: TagStyle = {
  name: name => escapedKey(name),
  piece: (name, text) => `,${name}=${escapedKey(text)}`,
}

/** What cannot be written, as the reason. */
export class Unwritable extends Error {}

function wholeText(name: string, value: Value, unsigned: boolean): string {
  if (typeof value === 'number' && Number.isSafeInteger(value) && !(unsigned && value < 0)) {
    return unsigned ? `${value}u` : `${value}i`
  }
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
  if (!isWhole) throw new Unwritable(`${name} is no whole number: ${tagText(value)}`)
  const exact = BigInt(value)
  const fits = unsigned ? exact >= 0n && exact <= GREATEST_UNSIGNED : exact >= LEAST && exact <= GREATEST
  if (!fits) throw new Unwritable(`${name} does not fit ${unsigned ? 'an unsigned' : 'a'} number of 64 bits: ${exact}`)
  return `${exact}${unsigned ? 'u' : 'i'}`
}

function otherText(name: string, value: Value): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string' || Array.isArray(value)) return quoted(tagText(value))
  throw new Unwritable(`${name} cannot be a field of a point: ${tagText(value)}`)
}

function realText(name: string, value: Value): string {
  if (typeof value === 'string' || typeof value === 'object')
    throw new Unwritable(`${name} is no number: ${tagText(value)}`)
  return otherText(name, value)
}

export class LineWriter {
  readonly #measurement: string
  readonly #unsigned: boolean
  readonly #names = new Map<string, string>()

  constructor(measurement: string, unsigned: boolean) {
    this.#measurement = escapedMeasurement(measurement)
    this.#unsigned = unsigned
  }

  #nameOf(name: string): string {
    let text = this.#names.get(name)
    if (text === undefined) {
      text = `${escapedKey(name)}=`
      this.#names.set(name, text)
    }
    return text
  }

  /** Without its line feed; throws Unwritable. */
  line({ tags, values }: Point, about: readonly SeriesValue[], time: string): string {
    let fields = ''
    for (let place = 0; place < values.length; place++) {
      const value = values[place]
      if (value === undefined || value === null) continue
      const { name, kind } = about[place] as SeriesValue
      const text =
        kind === 'whole'
          ? wholeText(name, value, this.#unsigned)
          : kind === 'real'
            ? realText(name, value)
            : otherText(name, value)
      fields += `${fields === '' ? '' : ','}${this.#nameOf(name)}${text}`
    }
    return `${this.#measurement}${tags} ${fields} ${time}`
  }
}
