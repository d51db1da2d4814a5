// Paths of gNMI as texts and back: `/interfaces/interface[name=eth0]/state` (gNMI path conventions, openconfig/reference).
import { ProblemError } from 'netally'

export interface PathElem {
  readonly name: string
  readonly key: { readonly [name: string]: string }
}

export interface Path {
  readonly origin: string
  readonly target: string
  readonly elem: readonly PathElem[]
  /** Elements of gNMI before 0.4. */
  readonly element: readonly string[]
}

/** A path to ask for. */
export interface AskedPath {
  readonly origin?: string
  readonly target?: string
  readonly elem: readonly PathElem[]
}

const ESCAPED = /[\]\\]/g
const escaped = (value: string): string => (/[\]\\]/.test(value) ? value.replace(ESCAPED, '\\$&') : value)

/** The elements of a path as text, keys in the order of their names; `` for none. */
export function pathText(path: Path | null): string {
  if (!path) return ''
  let text = ''
  for (const { name, key } of path.elem) {
    text += `/${name}`
    const names = Object.keys(key)
    if (names.length > 1) names.sort()
    for (const one of names) text += `[${one}=${escaped(key[one] as string)}]`
  }
  if (path.elem.length === 0) for (const element of path.element) text += `/${element}`
  return text
}

const bad = (text: string, why: string): ProblemError =>
  new ProblemError({
    code: 'usage/bad-path',
    message: `"${text}" is no path: ${why}`,
    hint: 'write /interfaces/interface[name=eth0]/state/counters, with ORIGIN: before it where one is needed',
  })

const STEP = /\/?([^/[\]]+)((?:\[[^=\]]+=(?:\\.|[^\]\\])*\])*)/y
const KEY = /\[([^=\]]+)=((?:\\.|[^\]\\])*)\]/g
const ORIGIN = /^([A-Za-z][\w.-]*):(?=\/|$)/

/** A path that was typed; throws a ProblemError. `/` is the root. */
export function parsePath(text: string): AskedPath {
  const origin = ORIGIN.exec(text)
  const steps = text.slice(origin?.[0].length ?? 0).replace(/\/$/, '')
  const elem: PathElem[] = []
  STEP.lastIndex = 0
  while (STEP.lastIndex < steps.length) {
    const at = STEP.lastIndex
    const step = STEP.exec(steps)
    if (!step) throw bad(text, `"${steps.slice(at, at + 40)}" is no step`)
    const [, name = '', keys = ''] = step
    const key = [...keys.matchAll(KEY)].map(([, one = '', value = '']) => [one.trim(), value.replace(/\\(.)/g, '$1')])
    elem.push({ name: name.trim(), key: Object.fromEntries(key) as PathElem['key'] })
  }
  return { elem, ...(origin ? { origin: origin[1] as string } : {}) }
}
