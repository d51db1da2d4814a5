// What reading a capture gives: positions in a stretch of octets, in columns. Nothing is allocated a frame.

/** Larger captured lengths are taken for damage (libpcap's own bound). */
export const MAX_FRAME_OCTETS = 256 * 1024
/** The most frames or datagrams of one block. */
export const FRAMES_PER_BLOCK = 4096

/** Link-layer frames; positions are into `octets`. Valid until the next block is asked for. */
export interface FrameBlock {
  readonly octets: Uint8Array
  /** Over exactly the same octets. */
  readonly view: DataView
  readonly count: number
  /** First octet of frame i. */
  readonly start: Int32Array
  /** One past its last captured octet. */
  readonly end: Int32Array
  /** Octets it had on the wire: more than captured when a snap length cut it. */
  readonly wireLength: Uint32Array
  /** Capture time, whole Unix microseconds. */
  readonly timeUs: Float64Array
  /** LINKTYPE_ value (tcpdump.org/linktypes.html). */
  readonly linkType: Uint16Array
}

export interface CapturePeer {
  /** Canonical text (RFC 5952). */
  readonly address: string
  readonly port: number
  readonly family: 4 | 6
}

/** Senders by index. Indexes only grow; one that is MAX_PEERS behind the newest is forgotten. */
export interface CapturePeers {
  /** Indexes given so far. */
  readonly size: number
  /** Throws RangeError for an index never given or forgotten. */
  get(index: number): CapturePeer
}

/** UDP payloads found in one stretch of octets. Arrays are reused for the next block: take what you need before asking for it. */
export interface DatagramBlock {
  readonly octets: Uint8Array
  /** Over exactly the same octets. */
  readonly view: DataView
  readonly count: number
  /** First octet of UDP payload i. */
  readonly start: Int32Array
  /** One past the last. */
  readonly end: Int32Array
  /** Capture time, whole Unix microseconds. */
  readonly timeUs: Float64Array
  /** Index into `peers`. */
  readonly peer: Int32Array
  /** Shared by all blocks of a source. */
  readonly peers: CapturePeers
}

/** The frames that a parser finds. */
export class FrameTable implements FrameBlock {
  readonly octets: Uint8Array
  readonly view: DataView
  count = 0
  readonly start = new Int32Array(FRAMES_PER_BLOCK)
  readonly end = new Int32Array(FRAMES_PER_BLOCK)
  readonly wireLength = new Uint32Array(FRAMES_PER_BLOCK)
  readonly timeUs = new Float64Array(FRAMES_PER_BLOCK)
  readonly linkType = new Uint16Array(FRAMES_PER_BLOCK)

  constructor(octets: Uint8Array, view: DataView) {
    this.octets = octets
    this.view = view
  }

  add(start: number, end: number, wireLength: number, timeUs: number, linkType: number): void {
    const index = this.count++
    this.start[index] = start
    this.end[index] = end
    this.wireLength[index] = wireLength
    this.timeUs[index] = timeUs
    this.linkType[index] = linkType
  }
}
