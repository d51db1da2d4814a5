// How long the functions of a formatted source file are. The formatter puts the end of a function under its beginning,
// so indentation tells it without a parser.

export interface FunctionLength {
  readonly name: string
  readonly lines: number
}

/** Functions, methods, and arrow functions with a body. */
const BEGINNINGS: readonly RegExp[] = [
  /^(\s*)(?:export )?(?:default )?(?:async )?function\*? (\w+)/,
  /^(\s*)(?:static |override |private |protected )*(?:async )?(?:get |set )?\*?(?!if|for|while|switch|catch|return)(#?\w+)\(.*\{$/,
  /^(\s*)(?:export )?const (\w+)(?:: .*)? =.*=> (?:\(?\{)$/,
]

/** `\n` and text of templates do not count: generated source has a length of its own. */
export function functionLengths(text: string): FunctionLength[] {
  const lines = text.split('\n')
  const found: FunctionLength[] = []
  lines.forEach((line, index) => {
    for (const beginning of BEGINNINGS) {
      const match = beginning.exec(line)
      if (!match) continue
      const indent = match[1] as string
      const end = lines.findIndex((other, at) => at > index && /^\s*[})]/.test(other) && other.startsWith(`${indent}}`))
      if (end > 0) found.push({ name: match[2] as string, lines: end - index + 1 })
      return
    }
  })
  return found
}
