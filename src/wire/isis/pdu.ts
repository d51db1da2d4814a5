// Headers of IS-IS PDUs (ISO 10589 section 9): what comes before the TLVs.
import { hexText } from '../../octets/address.ts'
import { systemId } from '../bgp/attributes/bgp-ls-tlv.ts'
import { readTlvs, type Tlv } from './tlv.ts'

export type Level = 1 | 2

interface Common {
  /** Number of the type in the header. */
  readonly type: number
  /** The PDU alone; `tlvs` are positions in it. Its own copy. */
  readonly octets: Uint8Array
  readonly view: DataView
  readonly tlvs: readonly Tlv[]
}

export interface Hello extends Common {
  readonly kind: 'hello'
  /** Undefined: point to point, of both levels. */
  readonly level: Level | undefined
  /** Bit 0: level 1, bit 1: level 2. */
  readonly levels: number
  readonly systemId: string
  readonly holdSeconds: number
  /** Of a LAN: priority to be the designated system, and its id. */
  readonly priority: number
  readonly lanId: string
  /** Point to point. */
  readonly circuitId: number
}

export interface Lsp extends Common {
  readonly kind: 'lsp'
  readonly level: Level
  readonly id: string
  readonly lifetimeSeconds: number
  readonly sequence: number
  readonly checksum: number
  /** Partition repair, attached (4 bits), overload, type (2 bits). */
  readonly flags: number
}

export interface Snp extends Common {
  readonly kind: 'csnp' | 'psnp'
  readonly level: Level
  /** System and circuit that sent it. */
  readonly source: string
  /** Range of a complete one. */
  readonly first: string
  readonly last: string
}

export type Pdu = Hello | Lsp | Snp

export const PDU = {
  lanHello1: 15,
  lanHello2: 16,
  helloP2p: 17,
  lsp1: 18,
  lsp2: 20,
  csnp1: 24,
  csnp2: 25,
  psnp1: 26,
  psnp2: 27,
} as const

export const SYSTEM_OCTETS = 6
export const LSP_ID_OCTETS = 8
const COMMON_OCTETS = 8

interface Layout {
  readonly kind: Pdu['kind']
  readonly level: Level | undefined
  readonly headerOctets: number
  /** Where the length of the PDU stands. */
  readonly lengthAt: number
}

const LAYOUTS: { readonly [type: number]: Layout } = {
  [PDU.lanHello1]: { kind: 'hello', level: 1, headerOctets: 27, lengthAt: 17 },
  [PDU.lanHello2]: { kind: 'hello', level: 2, headerOctets: 27, lengthAt: 17 },
  [PDU.helloP2p]: { kind: 'hello', level: undefined, headerOctets: 20, lengthAt: 17 },
  [PDU.lsp1]: { kind: 'lsp', level: 1, headerOctets: 27, lengthAt: 8 },
  [PDU.lsp2]: { kind: 'lsp', level: 2, headerOctets: 27, lengthAt: 8 },
  [PDU.csnp1]: { kind: 'csnp', level: 1, headerOctets: 33, lengthAt: 8 },
  [PDU.csnp2]: { kind: 'csnp', level: 2, headerOctets: 33, lengthAt: 8 },
  [PDU.psnp1]: { kind: 'psnp', level: 1, headerOctets: 17, lengthAt: 8 },
  [PDU.psnp2]: { kind: 'psnp', level: 2, headerOctets: 17, lengthAt: 8 },
}

/** `0000.0000.0001.02` of seven octets: a system and its circuit, or pseudonode. */
export const nodeId = (octets: Uint8Array, at: number): string =>
  `${systemId(octets, at)}.${hexText(octets, at + 6, at + 7)}`

/** `0000.0000.0001.02-03` of eight octets. */
export const lspId = (octets: Uint8Array, at: number): string =>
  `${nodeId(octets, at)}-${hexText(octets, at + 7, at + 8)}`

/** The PDU that begins at `start`; what is wrong with it in words where it is none. */
export function parsePdu(from: Uint8Array, start: number, end: number): Pdu | string {
  if (end - start < COMMON_OCTETS) return 'the header is cut'
  const type = (from[start + 4] as number) & 0x1f
  const layout = LAYOUTS[type]
  if (!layout) return `type ${type} is no PDU of IS-IS`
  if (from[start + 2] !== 1 || from[start + 5] !== 1) return 'its version is not 1'
  const idOctets = from[start + 3] as number
  if (idOctets !== 0 && idOctets !== SYSTEM_OCTETS) return `system ids of ${idOctets} octets are not read`
  const { headerOctets, lengthAt } = layout
  if (end - start < headerOctets || from[start + 1] !== headerOctets) return 'its header has another length'
  const octetCount = ((from[start + lengthAt] as number) << 8) | (from[start + lengthAt + 1] as number)
  if (octetCount < headerOctets || start + octetCount > end) return `${octetCount} octets, of which ${end - start} came`
  const octets = new Uint8Array(from.subarray(start, start + octetCount))
  const tlvs = readTlvs(octets, headerOctets, octetCount)
  if (!tlvs) return 'its TLVs do not fill it'
  const view = new DataView(octets.buffer)
  return bodyOf(layout, { type, octets, view, tlvs })
}

function bodyOf({ kind, level }: Layout, common: Common): Pdu {
  const { octets, view } = common
  if (kind === 'hello') return helloOf(level, common)
  if (kind === 'lsp') {
    return {
      ...common,
      kind,
      level: level as Level,
      id: lspId(octets, 12),
      lifetimeSeconds: view.getUint16(10),
      sequence: view.getUint32(20),
      checksum: view.getUint16(24),
      flags: octets[26] as number,
    }
  }
  const isComplete = kind === 'csnp'
  return {
    ...common,
    kind,
    level: level as Level,
    source: nodeId(octets, 10),
    first: isComplete ? lspId(octets, 17) : '',
    last: isComplete ? lspId(octets, 25) : '',
  }
}

function helloOf(level: Level | undefined, common: Common): Hello {
  const { octets, view } = common
  const isLan = level !== undefined
  return {
    ...common,
    kind: 'hello',
    level,
    levels: (octets[8] as number) & 3,
    systemId: systemId(octets, 9),
    holdSeconds: view.getUint16(15),
    priority: isLan ? (octets[19] as number) & 0x7f : 0,
    lanId: isLan ? nodeId(octets, 20) : '',
    circuitId: isLan ? 0 : (octets[19] as number),
  }
}
