// What extended communities have behind their type and subtype (RFC 4360, 5668, 7153, 7432, 8955), as texts and back.
import { macText, parseDotted, parseMac } from '../../../octets/address.ts'
import { type AdministratorType, administratorOctets } from '../administrator.ts'
import { ipv4Address } from '../nlri/prefix-text.ts'

export const EXTENDED_COMMUNITY_OCTETS = 8

/** What stands behind a type and subtype. */
export interface Body {
  /** Of the eight octets at `at`. */
  read(octets: Uint8Array, view: DataView, at: number): string
  /** Eight octets that begin with `type`; undefined when the text is none that `read` gives. */
  write(text: string, type: number): Uint8Array | undefined
}

const LARGEST_U16 = 0xffff
const LARGEST_U32 = 0xffff_ffff

/** Writes what a text's parts say into octets that have the type. */
function parsed(pattern: RegExp, put: (view: DataView, parts: readonly string[]) => boolean): Body['write'] {
  return (text, type) => {
    const parts = pattern.exec(text)
    if (!parts) return undefined
    const view = new DataView(new ArrayBuffer(EXTENDED_COMMUNITY_OCTETS))
    view.setUint16(0, type)
    return put(
      view,
      [...parts].slice(1).map(part => part ?? ''),
    )
      ? new Uint8Array(view.buffer)
      : undefined
  }
}

/** A whole number with an upper limit at an offset. */
function number(offset: number, octets: 1 | 2 | 4): Body['write'] {
  const most = octets === 1 ? 255 : octets === 2 ? LARGEST_U16 : LARGEST_U32
  return parsed(/^(\d+)$/, (view, [text]) => {
    if (Number(text) > most) return false
    if (octets === 1) view.setUint8(offset, Number(text))
    else if (octets === 2) view.setUint16(offset, Number(text))
    else view.setUint32(offset, Number(text))
    return true
  })
}

const pair =
  (type: AdministratorType): Body['write'] =>
  (text, front) => {
    const [, administrator, assigned] = /^([\d.]+):(\d+)$/.exec(text) ?? []
    return administrator && assigned ? administratorOctets(front, type, administrator, assigned) : undefined
  }

export const as2: Body = {
  read: (_, view, at) => `${view.getUint16(at + 2)}:${view.getUint32(at + 4)}`,
  write: pair(0),
}
export const ipv4: Body = {
  read: (octets, view, at) => `${ipv4Address(octets, at + 2)}:${view.getUint16(at + 6)}`,
  write: pair(1),
}
export const as4: Body = {
  read: (_, view, at) => `${view.getUint32(at + 2)}:${view.getUint16(at + 6)}`,
  write: pair(2),
}
export const rate: Body = {
  read: (_, view, at) => `${view.getUint16(at + 2)}:${view.getFloat32(at + 4)}`,
  write: parsed(/^(\d+):(-?[\d.]+(?:e[+-]\d+)?|-?Infinity|NaN)$/, (view, [as, octets]) => {
    view.setUint16(2, Number(as))
    view.setFloat32(4, Number(octets))
    return Number(as) <= LARGEST_U16
  }),
}
export const lastPair: Body = { read: (_, view, at) => String(view.getUint16(at + 6)), write: number(6, 2) }
export const lastOctet: Body = { read: (octets, _, at) => String(octets[at + 7]), write: number(7, 1) }
export const mac: Body = {
  read: (_, view, at) => macText(view.getUint16(at + 2) * 0x1_0000_0000 + view.getUint32(at + 4)),
  write: parsed(/^(.+)$/, (view, [text = '']) => {
    const address = parseMac(text)
    view.setUint16(2, Math.floor(address / 0x1_0000_0000))
    view.setUint32(4, address % 0x1_0000_0000)
    return !Number.isNaN(address)
  }),
}
export const none: Body = { read: () => '', write: parsed(/^$/, () => true) }
export const color: Body = {
  read(_, view, at) {
    const flags = view.getUint16(at + 2)
    return `${flags === 0 ? '' : `0x${flags.toString(16)}:`}${view.getUint32(at + 4)}`
  },
  write: parsed(/^(?:0x([0-9a-f]{1,4}):)?(\d+)$/, (view, [flags, text]) => {
    view.setUint16(2, Number.parseInt(flags || '0', 16))
    view.setUint32(4, Number(text))
    return Number(text) <= LARGEST_U32
  }),
}
export const ospfRoute: Body = {
  read: (octets, _, at) => `${ipv4Address(octets, at + 2)}:${octets[at + 6]}:${octets[at + 7]}`,
  write: parsed(/^([\d.]+):(\d+):(\d+)$/, (view, [area = '', type, options]) => {
    view.setUint32(2, parseDotted(area))
    view.setUint8(6, Number(type))
    view.setUint8(7, Number(options))
    return parseDotted(area) >= 0 && Math.max(Number(type), Number(options)) <= 255
  }),
}
export const mobility: Body = {
  read: (octets, view, at) => `${(octets[at + 2] as number) & 1 ? 'sticky:' : ''}${view.getUint32(at + 4)}`,
  write: parsed(/^(sticky:)?(\d+)$/, (view, [sticky, sequence]) => {
    view.setUint8(2, sticky ? 1 : 0)
    view.setUint32(4, Number(sequence))
    return Number(sequence) <= LARGEST_U32
  }),
}
export const segmentLabel: Body = {
  read: (octets, view, at) => `${octets[at + 2]}:${(view.getUint32(at + 4) & 0xffffff) >>> 4}`,
  write: parsed(/^(\d+):(\d+)$/, (view, [flags, label]) => {
    view.setUint8(2, Number(flags))
    view.setUint32(4, Number(label) << 4)
    return Number(flags) <= 255 && Number(label) < 2 ** 20
  }),
}
export const trafficAction: Body = {
  read(octets, _, at) {
    const last = octets[at + 7] as number
    const words = [last & 2 ? 'sample' : '', last & 1 ? 'terminal' : ''].filter(Boolean)
    return words.length > 0 ? words.join('+') : 'none'
  },
  write: parsed(/^(?:none|(sample)?\+?(terminal)?)$/, (view, [sample, terminal]) => {
    view.setUint8(7, (sample ? 2 : 0) | (terminal ? 1 : 0))
    return true
  }),
}
