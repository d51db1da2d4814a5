// Flags and arguments as they were parsed, to what options are made of.

/** Flags and arguments as parsed, in one object. */
export type ParsedOptions = { readonly [name: string]: unknown }

/** Undefined where the flag was not given. */
export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Of a flag that may be given more than once. */
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
export const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : [])

/** `a, b` is two words; of a flag that may be given more than once, all of them. */
export function words(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value ?? ''])
    .flatMap(text => String(text).split(','))
    .map(word => word.trim())
    .filter(Boolean)
}

/** The same; undefined where the flag was not given. */
export const someWords = (value: unknown): string[] | undefined => (value === undefined ? undefined : words(value))
