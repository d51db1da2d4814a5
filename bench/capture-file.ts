import { closeSync, openSync, writeSync } from 'node:fs'
import { pcapHeader, pcapRecord, type UdpEndpoints, udpFrame } from '../src/wire/capture/write.ts'

const CHUNK_OCTETS = 1 << 20

export interface OutputFile {
  write(bytes: Uint8Array): void
  close(): void
}
export interface CaptureFile {
  datagram(timeUs: number, endpoints: UdpEndpoints, payload: Uint8Array): void
  /** A frame that was cut to its first octets. */
  frame(timeUs: number, frame: Uint8Array, wireOctets: number): void
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

/** A pcap file of UDP datagrams. */
export function captureFile(path: string): CaptureFile {
  const file = outputFile(path)
  file.write(pcapHeader())
  return {
    datagram: (timeUs, endpoints, payload) => file.write(pcapRecord(timeUs, udpFrame(endpoints, payload))),
    frame: (timeUs, frame, wireOctets) => file.write(pcapRecord(timeUs, frame, wireOctets)),
    close: file.close,
  }
}
