// Writes small MaxMind DB files (format 2.0, 24-bit records), so that tests need no licensed data.
import { type Prefix, parsePrefix } from '../../src/lookup/prefix.ts'

export type MmdbValue = string | number | boolean | readonly MmdbValue[] | { readonly [name: string]: MmdbValue }

const UTF8 = 2
const DOUBLE = 3
const UINT16 = 5
const UINT32 = 6
const MAP = 7
const UINT64 = 9
const ARRAY = 11
const BOOLEAN = 14

function control(type: number, size: number): number[] {
  const sizes = size < 29 ? [size] : size < 285 ? [29, size - 29] : [30, (size - 285) >> 8, (size - 285) & 255]
  const [first = 0, ...rest] = sizes
  return type <= 7 ? [(type << 5) | first, ...rest] : [first, type - 7, ...rest]
}

function unsigned(type: number, value: number): number[] {
  const hex = value.toString(16)
  const octets = value === 0 ? [] : [...Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')]
  return [...control(type, octets.length), ...octets]
}

function encode(value: MmdbValue): number[] {
  if (typeof value === 'string') {
    const octets = Buffer.from(value)
    return [...control(UTF8, octets.length), ...octets]
  }
  if (typeof value === 'boolean') return control(BOOLEAN, value ? 1 : 0)
  if (typeof value === 'number') {
    if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return unsigned(UINT32, value)
    const octets = Buffer.alloc(8)
    octets.writeDoubleBE(value)
    return [...control(DOUBLE, 8), ...octets]
  }
  if (Array.isArray(value)) return [...control(ARRAY, value.length), ...value.flatMap(encode)]
  const entries = Object.entries(value)
  return [...control(MAP, entries.length), ...entries.flatMap(([name, inner]) => [...encode(name), ...encode(inner)])]
}

interface Node {
  readonly sides: [Node | number | undefined, Node | number | undefined]
}

const newNode = (): Node => ({ sides: [undefined, undefined] })

/** Bits of a prefix in the tree of IPv6, where IPv4 is under ::/96. */
function bitsOf({ family, words, length }: Prefix): number[] {
  const all = family === 4 ? [0, 0, 0, words[0]] : [...words]
  const bits = all.flatMap(word => Array.from({ length: 32 }, (_, bit) => (word >>> (31 - bit)) & 1))
  return bits.slice(0, family === 4 ? 96 + length : length)
}

function insert(root: Node, bits: readonly number[], data: number): void {
  let node = root
  for (const bit of bits.slice(0, -1)) {
    const next = node.sides[bit]
    const inner = typeof next === 'object' ? next : newNode()
    // What was one entry for the whole half goes on for the parts that are not told apart.
    if (typeof next === 'number') inner.sides.fill(next)
    node.sides[bit] = inner
    node = inner
  }
  node.sides[bits.at(-1) as number] = data
}

function numbered(root: Node): Map<Node, number> {
  const numbers = new Map<Node, number>()
  const queue = [root]
  for (let node = queue.shift(); node; node = queue.shift()) {
    numbers.set(node, numbers.size)
    for (const side of node.sides) if (typeof side === 'object') queue.push(side)
  }
  return numbers
}

/** A database of prefixes; shorter ones must stand before those that lie in them. */
export function mmdb(
  type: string,
  entries: { readonly [prefix: string]: MmdbValue },
  builtSeconds = 1_764_064_800,
): Buffer {
  const root = newNode()
  const data: number[] = []
  for (const [text, value] of Object.entries(entries)) {
    const prefix = parsePrefix(text)
    if (!prefix) throw new Error(`${text} is no prefix`)
    insert(root, bitsOf(prefix), data.length)
    data.push(...encode(value))
  }
  const numbers = numbered(root)
  const pointer = (side: Node | number | undefined) => {
    if (side === undefined) return numbers.size
    return typeof side === 'number' ? numbers.size + 16 + side : (numbers.get(side) as number)
  }
  const tree = [...numbers.keys()].flatMap(({ sides }) =>
    sides.map(pointer).flatMap(value => [value >> 16, (value >> 8) & 255, value & 255]),
  )
  const metadata: [string, number[]][] = [
    ['node_count', unsigned(UINT32, numbers.size)],
    ['record_size', unsigned(UINT16, 24)],
    ['ip_version', unsigned(UINT16, 6)],
    ['database_type', encode(type)],
    ['languages', encode(['en'])],
    ['binary_format_major_version', unsigned(UINT16, 2)],
    ['binary_format_minor_version', unsigned(UINT16, 0)],
    ['build_epoch', unsigned(UINT64, builtSeconds)],
    ['description', encode({ en: 'made by a test' })],
  ]
  return Buffer.from([
    ...tree,
    ...new Array<number>(16).fill(0),
    ...data,
    ...[0xab, 0xcd, 0xef],
    ...Buffer.from('MaxMind.com'),
    ...control(MAP, metadata.length),
    ...metadata.flatMap(([name, octets]) => [...encode(name), ...octets]),
  ])
}
