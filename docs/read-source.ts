// Reads string literals out of TypeScript source, as far as the pages need it.

const QUOTES: ReadonlySet<string> = new Set(["'", '"', '`'])
const OPENING = '([{'
const CLOSING = ')]}'

interface Literal {
  readonly text: string
  readonly end: number
}

/** The literal that starts at `at`; `${...}` of a template becomes an ellipsis. */
function literal(source: string, at: number): Literal {
  const quote = source[at]
  let text = ''
  for (at++; at < source.length && source[at] !== quote; at++) {
    if (source[at] === '\\') text += source[++at]
    else if (quote === '`' && source.startsWith('${', at)) {
      at = closing(source, at + 1)
      text += '…'
    } else text += source[at]
  }
  return { text, end: at + 1 }
}

/** Where the bracket at `at` is closed. */
function closing(source: string, at: number): number {
  let depth = 0
  for (; at < source.length; at++) {
    const letter = source[at] as string
    if (QUOTES.has(letter)) at = literal(source, at).end - 1
    else if (OPENING.includes(letter)) depth++
    else if (CLOSING.includes(letter) && --depth === 0) return at
  }
  return at
}

/** An expression from `at` to the comma or bracket that ends it: its literals (of a ternary both), and that place. */
function expression(source: string, at: number): { texts: string[]; end: number } {
  const texts: string[] = []
  let depth = 0
  for (; at < source.length; at++) {
    const letter = source[at] as string
    if (QUOTES.has(letter)) {
      const { text, end } = literal(source, at)
      texts.push(text)
      at = end - 1
    } else if (OPENING.includes(letter)) depth++
    else if (CLOSING.includes(letter) && depth-- === 0) break
    else if (letter === ',' && depth === 0) break
  }
  return { texts, end: at }
}

/** Objects that have a property `first`: the literals of it and of the properties after it, by name. */
export function properties(source: string, first: string): { [name: string]: string[] }[] {
  return [...source.matchAll(new RegExp(`\\b${first}: `, 'g'))].map(match => {
    const found: { [name: string]: string[] } = {}
    let at = match.index
    for (;;) {
      const name = /^[\s,]*(?:\.\.\.\(.*?\{\s*)?(\w+)(:?)\s*/.exec(source.slice(at))
      if (!name) return found
      if (!name[2]) {
        at += name[0].length
        if (source[at] !== ',') return found
        continue
      }
      const value = expression(source, at + name[0].length)
      found[name[1] as string] = value.texts
      if (source[value.end] !== ',') return found
      at = value.end
    }
  })
}

/** The literals of the first three arguments of every call that `call` finds; the pattern ends with the bracket. */
export function firstArguments(source: string, call: RegExp): string[][][] {
  return [...source.matchAll(call)].map(match => {
    const found: string[][] = []
    let at = match.index + match[0].length
    while (found.length < 3) {
      const { texts, end } = expression(source, at)
      found.push(texts)
      if (source[end] !== ',') break
      at = end + 1
    }
    return found
  })
}
