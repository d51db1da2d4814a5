// Frames of captures, one at a time: sampled, dissected, counted.
import type { Host } from '../../contract/host.ts'
import type { FrameBlock } from '../capture/block.ts'
import { dissect } from './dissect.ts'
import { FragmentPorts } from './fragments.ts'
import { Frame } from './frame.ts'
import type { Headers } from './headers.ts'
import { LINKS, type Link } from './link.ts'
import { Sampler } from './sampler.ts'
import type { TunnelPorts } from './tunnel-ports.ts'

export interface PacketOptions {
  /** pmacctd: what is not IP is left out, and only TCP and UDP have ports. */
  readonly compat: boolean
  readonly inner: boolean
  readonly renormalize: boolean
  /** One packet in so many, 1 = all. */
  readonly sampleRate: number
  /** Packets came one in so many already; absent = all. */
  readonly externalRate?: number | undefined
  readonly seed: number
  readonly tunnelPorts?: TunnelPorts | undefined
}

/** One packet of so many became a record. */
export const rateOf = ({ sampleRate, externalRate = 1 }: PacketOptions): number => sampleRate * externalRate

/** Interface that the frames of a source came by, where the frames do not say. */
export interface FrameSource {
  readonly ifaceIn: number
  readonly ifaceOut: number
}

export const NO_INTERFACE: FrameSource = { ifaceIn: Number.NaN, ifaceOut: Number.NaN }

const TCP = 6
const UDP = 17

interface Tally {
  frames: number
  notIp: number
  skipped: number
  unknownLink: number
}

export class FrameReader {
  readonly frame: Frame
  readonly #options: PacketOptions
  readonly #host: Host
  readonly #sampler: Sampler | undefined
  readonly #fragments = new FragmentPorts()
  readonly #tally: Tally = { frames: 0, notIp: 0, skipped: 0, unknownLink: 0 }
  readonly #reported = new Set<number>()
  #number = 0
  #linkType = -1
  #link: Link | undefined

  constructor(options: PacketOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.frame = new Frame(options.tunnelPorts)
    this.frame.rate = rateOf(options)
    if (options.sampleRate > 1) this.#sampler = new Sampler(options.sampleRate, options.seed)
  }

  /** Reads frame `index` of a block into `frame`; false when it is left out. */
  read(block: FrameBlock, index: number, source: FrameSource): boolean {
    const frame = this.frame
    this.#tally.frames++
    frame.number = ++this.#number
    if (this.#sampler && !this.#sampler.take()) {
      this.#tally.skipped++
      return false
    }
    const linkType = block.linkType[index] as number
    if (linkType !== this.#linkType) this.#setLink(linkType)
    const link = this.#link
    if (!link) {
      this.#tally.unknownLink++
      return false
    }
    const start = block.start[index] as number
    frame.view = block.view
    frame.start = start
    frame.end = block.end[index] as number
    frame.timeUs = block.timeUs[index] as number
    frame.wireOctets = block.wireLength[index] as number
    frame.ifaceIn = source.ifaceIn
    frame.ifaceOut = source.ifaceOut
    const { packet } = frame
    packet.clear()
    const layer = link.first(frame)
    dissect(layer, frame.view, frame.start, frame.end, packet)
    return this.#finish(start)
  }

  /** What is counted: the IP packet's own length, else what is behind the link layer. */
  #finish(start: number): boolean {
    const { frame } = this
    const { packet } = frame
    const { inner, compat } = this.#options
    const headers = inner ? packet.here : packet.outer
    const { ipOctets, ipAt } = headers
    if (ipOctets > 0) frame.bytes = ipOctets
    else frame.bytes = Math.max(0, frame.wireOctets - ((ipAt >= 0 ? ipAt : packet.at) - start))
    if (headers.fragmentId >= 0) this.#fragments.see(headers, frame.timeUs)
    if (headers.family === 0) {
      this.#tally.notIp++
      if (compat) return false
    }
    if (compat) onlyPorts(headers)
    return true
  }

  #setLink(linkType: number): void {
    this.#linkType = linkType
    this.#link = LINKS.get(linkType)
    if (this.#link || this.#reported.has(linkType) || this.#reported.size > 16) return
    this.#reported.add(linkType)
    const message = `frames of link type ${linkType} are not read`
    this.#host.report({ code: 'capture/unknown-link-type', message })
  }

  /** Hands what was counted to the host; call it once a block. */
  count(): void {
    const { frames, notIp, skipped, unknownLink } = this.#tally
    this.#host.count('packets', frames)
    if (skipped > 0) this.#host.count('packets-not-sampled', skipped)
    if (notIp > 0) this.#host.count(this.#options.compat ? 'packets-dropped/not-ip' : 'packets-not-ip', notIp)
    if (unknownLink > 0) this.#host.count('packets-dropped/unknown-link-type', unknownLink)
    this.#tally.frames = this.#tally.notIp = this.#tally.skipped = this.#tally.unknownLink = 0
  }
}

function onlyPorts(headers: Headers): void {
  if (headers.protocol !== TCP && headers.protocol !== UDP) headers.sourcePort = headers.destinationPort = Number.NaN
}
