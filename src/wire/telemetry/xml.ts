// XML of YANG notifications (RFC 7950) as JSON, after RFC 7951 as far as that goes without the modules: names are qualified
// by their module where that differs from the parent's, elements that come again are an array, values stay texts.
import type { Problem } from '../../contract/problem.ts'
import type { Value } from '../../contract/record.ts'
import { MAX_DEPTH } from './depth.ts'

/** Markup and what stands between: comments, CDATA, instructions, tags, text. No document types: nothing is expanded. */
const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<(\/?)([\p{L}_][^\s/>]*)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|[^<]+/uy
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
const ENTITIES: { readonly [name: string]: string } = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
/** Namespaces whose last part is not the module. */
const MODULES: { readonly [namespace: string]: string } = {
  'urn:ietf:params:xml:ns:netconf:notification:1.0': 'ietf-notification',
  'urn:ietf:params:xml:ns:netconf:base:1.0': 'ietf-netconf',
}

interface Element {
  readonly tag: string
  readonly name: string
  readonly module: string
  readonly namespaces: ReadonlyMap<string, string>
  readonly children: Map<string, Value[]>
  text: string
}

type Members = { [name: string]: Value }

/** The JSON object of an XML document, or a Problem `telemetry/xml`. */
export function decodeXml(octets: Uint8Array): Value | Problem {
  const text = new TextDecoder().decode(octets)
  const open: Element[] = []
  let root: Members | undefined
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(text)
    if (!token) return wrong(`no XML at character ${at}`)
    const [whole, cdata, closing, tag, attributes = '', empty] = token
    const parent = open.at(-1)
    if (tag === undefined) {
      if (parent) parent.text += cdata ?? (whole.startsWith('<') ? '' : unescaped(whole))
      continue
    }
    if (!closing) {
      if (open.length >= MAX_DEPTH) return wrong(`nested more than ${MAX_DEPTH} deep`)
      if (!parent && root) return wrong('a second element at the top')
      open.push(elementOf(tag, attributes, parent))
    } else if (parent?.tag !== tag) return wrong(`</${tag}> ends ${parent ? `<${parent.tag}>` : 'nothing'}`)
    if (closing || empty) root = close(open) ?? root
  }
  if (open.length > 0) return wrong(`<${open.at(-1)?.tag}> is not ended`)
  return root ?? wrong('no element')
}

const wrong = (message: string): Problem => ({ code: 'telemetry/xml', message })

/** Puts the innermost element into its parent; the document, when there is none. */
function close(open: Element[]): Members | undefined {
  const element = open.pop() as Element
  const parent = open.at(-1)
  const name =
    element.module === parent?.module || element.module === '' ? element.name : `${element.module}:${element.name}`
  const value = contentOf(element)
  if (!parent) return { [name]: value }
  const same = parent.children.get(name)
  if (same) same.push(value)
  else parent.children.set(name, [value])
  return undefined
}

function contentOf({ children, text }: Element): Value {
  if (children.size === 0) return text.trim()
  return Object.fromEntries(
    [...children].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  ) as Members
}

function elementOf(tag: string, attributes: string, parent: Element | undefined): Element {
  const namespaces = new Map(parent?.namespaces)
  for (const [, name, quoted, single] of attributes.matchAll(ATTRIBUTE)) {
    if (name === 'xmlns') namespaces.set('', unescaped(quoted ?? single ?? ''))
    else if (name?.startsWith('xmlns:')) namespaces.set(name.slice(6), unescaped(quoted ?? single ?? ''))
  }
  const colon = tag.indexOf(':')
  const namespace = namespaces.get(colon < 0 ? '' : tag.slice(0, colon)) ?? ''
  return { tag, name: tag.slice(colon + 1), module: moduleOf(namespace), namespaces, children: new Map(), text: '' }
}

/** `urn:ietf:params:xml:ns:yang:ietf-interfaces` and `http://example.net/yang/acme-system` name the module last. */
const moduleOf = (namespace: string): string =>
  MODULES[namespace] ?? namespace.slice(Math.max(namespace.lastIndexOf(':'), namespace.lastIndexOf('/')) + 1)

function unescaped(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole
  })
}
