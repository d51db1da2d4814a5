// Loops that read addresses, and what is made from addresses: prefixes, EtherTypes.
import { type AddressColumn, IPV4, IPV6, NO_ADDRESS, type NumberColumn } from '../../fields/column.ts'
import type { Block, Step } from './block.ts'
import { type Place, VARIABLE } from './layout.ts'

const ipv4 =
  ({ words, family }: AddressColumn, at: Int32Array, offset: number): Step =>
  ({ view, row, count }: Block) => {
    for (let i = 0; i < count; i++) {
      words[4 * (row + i)] = view.getUint32((at[i] as number) + offset)
      family[row + i] = IPV4
    }
  }

function putIpv6(words: Uint32Array, row: number, view: DataView, from: number): void {
  const to = 4 * row
  words[to] = view.getUint32(from)
  words[to + 1] = view.getUint32(from + 4)
  words[to + 2] = view.getUint32(from + 8)
  words[to + 3] = view.getUint32(from + 12)
}

const ipv6 =
  ({ words, family }: AddressColumn, at: Int32Array, offset: number): Step =>
  ({ view, row, count }: Block) => {
    for (let i = 0; i < count; i++) {
      putIpv6(words, row + i, view, (at[i] as number) + offset)
      family[row + i] = IPV6
    }
  }

const anyFamily =
  ({ words, family }: AddressColumn, at: Int32Array, lengths: Int32Array): Step =>
  ({ view, row, count }: Block) => {
    for (let i = 0; i < count; i++) {
      const length = lengths[i] as number
      const from = at[i] as number
      if (length === 4) words[4 * (row + i)] = view.getUint32(from)
      else if (length === 16) putIpv6(words, row + i, view, from)
      family[row + i] = length === 4 ? IPV4 : length === 16 ? IPV6 : NO_ADDRESS
    }
  }

/** Reads an address of four or sixteen octets; undefined when the field has another length. */
export function readAddress(column: AddressColumn, place: Place): Step | undefined {
  const { at, offset, length, lengths } = place
  if (length === VARIABLE) return anyFamily(column, at, lengths as Int32Array)
  if (length === 4) return ipv4(column, at, offset)
  return length === 16 ? ipv6(column, at, offset) : undefined
}

const isZero = (words: Uint32Array, at: number, family: number): boolean =>
  family === NO_ADDRESS ||
  (family === IPV4
    ? words[at] === 0
    : ((words[at] as number) | (words[at + 1] as number) | (words[at + 2] as number) | (words[at + 3] as number)) === 0)

function copyAddress(from: AddressColumn, to: AddressColumn, row: number): void {
  for (let word = 4 * row; word < 4 * row + 4; word++) to.words[word] = from.words[word] as number
  to.family[row] = from.family[row] as number
}

/**
 * After `read`: rows whose address does not fit take what `readOther` reads into `other`. An address does not fit when the
 * record's ipVersion (IE 60, in `versions`) says the other family, or, where it says nothing, when it is zero and the other is not.
 */
export function eitherAddress(
  column: AddressColumn,
  read: Step,
  other: AddressColumn,
  readOther: Step,
  versions: Float64Array | undefined,
): Step {
  return block => {
    read(block)
    readOther(block)
    const { row, count } = block
    for (let at = row; at < row + count; at++) {
      const mine = column.family[at] as number
      const theirs = other.family[at] as number
      const version = versions ? (versions[at] as number) : 0
      const wrong =
        mine !== theirs && (version === 4 || version === 6)
          ? mine !== version && theirs === version
          : isZero(column.words, 4 * at, mine) && !isZero(other.words, 4 * at, theirs)
      if (wrong) copyAddress(other, column, at)
    }
  }
}

/** Rows of `column` become those of `other` that are there and not zero. */
export function whereNotZero(column: AddressColumn, other: AddressColumn): Step {
  return ({ row, count }) => {
    for (let at = row; at < row + count; at++) {
      if (!isZero(other.words, 4 * at, other.family[at] as number)) copyAddress(other, column, at)
    }
  }
}

/** Network masks by length. */
const IPV4_MASKS = Int32Array.from({ length: 33 }, (_, bits) => (bits === 0 ? 0 : -1 << (32 - bits)))

/** `net` becomes `address` without its host bits; without a usable prefix length it has no value. */
export function maskAddress(net: AddressColumn, address: AddressColumn, mask: NumberColumn): Step {
  const { words, family } = net
  const { words: from, family: families } = address
  const { numbers } = mask
  return ({ row, count }) => {
    for (let at = row; at < row + count; at++) {
      const known = families[at] as number
      const bits = numbers[at] as number
      if (known === IPV4 && bits >= 0 && bits <= 32) {
        words[4 * at] = (from[4 * at] as number) & (IPV4_MASKS[bits | 0] as number)
        family[at] = IPV4
      } else if (known === IPV6 && bits >= 0 && bits <= 128) {
        maskIpv6(words, from, 4 * at, bits)
        family[at] = IPV6
      } else family[at] = NO_ADDRESS
    }
  }
}

function maskIpv6(to: Uint32Array, from: Uint32Array, at: number, bits: number): void {
  for (let word = 0; word < 4; word++) {
    const left = bits - 32 * word
    const mask = left >= 32 ? -1 : left <= 0 ? 0 : -1 << (32 - left)
    to[at + word] = (from[at + word] as number) & mask
  }
}

const ETYPE_IPV4 = 0x800
const ETYPE_IPV6 = 0x86dd
/** No IP at all, as pmacct says it. */
const ETYPE_NONE = Number.NaN

/** EtherType by the family of an address. */
export function etypeOf({ numbers }: NumberColumn, { family }: AddressColumn): Step {
  return ({ row, count }) => {
    for (let at = row; at < row + count; at++) {
      numbers[at] = family[at] === IPV4 ? ETYPE_IPV4 : family[at] === IPV6 ? ETYPE_IPV6 : ETYPE_NONE
    }
  }
}

/** EtherType by ipVersion (IE 60), which is in the column already. */
export function etypeOfVersion({ numbers }: NumberColumn): Step {
  return ({ row, count }) => {
    for (let at = row; at < row + count; at++) {
      numbers[at] = numbers[at] === 4 ? ETYPE_IPV4 : numbers[at] === 6 ? ETYPE_IPV6 : ETYPE_NONE
    }
  }
}

/** The same address in all rows. */
export function fillAddress(
  { words, family }: AddressColumn,
  value: (block: Block) => { words: Uint32Array; family: number },
): Step {
  return block => {
    const { row, count } = block
    const address = value(block)
    const [a, b, c, d] = address.words as unknown as [number, number, number, number]
    for (let at = row; at < row + count; at++) {
      words[4 * at] = a
      family[at] = address.family
    }
    if (address.family === IPV4) return
    for (let at = row; at < row + count; at++) {
      words[4 * at + 1] = b
      words[4 * at + 2] = c
      words[4 * at + 3] = d
    }
  }
}
