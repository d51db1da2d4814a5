import { closeSync, openSync, writeSync } from 'node:fs'

const CHUNK_OCTETS = 1 << 20
const PCAP_MAGIC_MICROSECONDS = 0xa1b2c3d4
const LINKTYPE_ETHERNET = 1
const SNAP_OCTETS = 65_535
const ETHERTYPE_IPV4 = 0x0800
const PROTOCOL_UDP = 17
const FRAME_OVERHEAD_OCTETS = 14 + 20 + 8

export interface Endpoint {
  /** IPv4 address as a number. */
  readonly address: number
  readonly port: number
}
export interface OutputFile {
  write(bytes: Uint8Array): void
  close(): void
}
export interface CaptureFile {
  datagram(timeUs: number, source: Endpoint, destination: Endpoint, payload: Uint8Array): void
  close(): void
}

/** Appends to a file in large writes. */
export function outputFile(path: string): OutputFile {
  const descriptor = openSync(path, 'w')
  const chunk = Buffer.allocUnsafe(CHUNK_OCTETS)
  let used = 0
  const flush = (): void => {
    for (let done = 0; done < used; ) done += writeSync(descriptor, chunk, done, used - done)
    used = 0
  }
  return {
    write(bytes) {
      if (used + bytes.length > chunk.length) flush()
      chunk.set(bytes, used)
      used += bytes.length
    },
    close() {
      flush()
      closeSync(descriptor)
    },
  }
}

/** A classic pcap file of UDP over IPv4 over Ethernet. */
export function captureFile(path: string): CaptureFile {
  const file = outputFile(path)
  const header = Buffer.alloc(24)
  header.writeUInt32LE(PCAP_MAGIC_MICROSECONDS, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(SNAP_OCTETS, 16)
  header.writeUInt32LE(LINKTYPE_ETHERNET, 20)
  file.write(header)
  return {
    datagram(timeUs, source, destination, payload) {
      const record = Buffer.alloc(16 + FRAME_OVERHEAD_OCTETS)
      record.writeUInt32LE(Math.floor(timeUs / 1e6), 0)
      record.writeUInt32LE(timeUs % 1e6, 4)
      record.writeUInt32LE(FRAME_OVERHEAD_OCTETS + payload.length, 8)
      record.writeUInt32LE(FRAME_OVERHEAD_OCTETS + payload.length, 12)
      writeHeaders(record.subarray(16), source, destination, payload.length)
      file.write(record)
      file.write(payload)
    },
    close: file.close,
  }
}

function writeHeaders(frame: Buffer, source: Endpoint, destination: Endpoint, payloadOctets: number): void {
  // Locally administered MAC addresses, one to one with the IPv4 addresses.
  frame.writeUInt16BE(0x0200, 0)
  frame.writeUInt32BE(destination.address, 2)
  frame.writeUInt16BE(0x0200, 6)
  frame.writeUInt32BE(source.address, 8)
  frame.writeUInt16BE(ETHERTYPE_IPV4, 12)
  const ip = frame.subarray(14)
  ip.writeUInt16BE(0x4500, 0)
  ip.writeUInt16BE(28 + payloadOctets, 2)
  ip.writeUInt16BE(0x4000, 6)
  ip.writeUInt8(64, 8)
  ip.writeUInt8(PROTOCOL_UDP, 9)
  ip.writeUInt32BE(source.address, 12)
  ip.writeUInt32BE(destination.address, 16)
  ip.writeUInt16BE(internetChecksum(ip.subarray(0, 20)), 10)
  const udp = ip.subarray(20)
  udp.writeUInt16BE(source.port, 0)
  udp.writeUInt16BE(destination.port, 2)
  udp.writeUInt16BE(8 + payloadOctets, 4)
}

function internetChecksum(header: Buffer): number {
  let sum = 0
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
