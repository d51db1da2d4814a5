// The UDP payloads of the demonstration's capture: plain pcap, Ethernet, IPv4, as make-capture.ts writes it.

export interface ExporterDatagram {
  /** Address of the exporter in the capture. */
  readonly source: string
  readonly payload: Uint8Array
}

const FILE_HEADER_OCTETS = 24
const RECORD_HEADER_OCTETS = 16
const ETHERNET_OCTETS = 14
const UDP_OCTETS = 8

export function exporterDatagrams(file: Uint8Array): ExporterDatagram[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const littleEndian = view.getUint8(0) === 0xd4
  const datagrams: ExporterDatagram[] = []
  for (let at = FILE_HEADER_OCTETS; at + RECORD_HEADER_OCTETS <= file.length; ) {
    const length = view.getUint32(at + 8, littleEndian)
    const packet = at + RECORD_HEADER_OCTETS + ETHERNET_OCTETS
    const headerOctets = 4 * (view.getUint8(packet) & 15)
    const source = [...file.subarray(packet + 12, packet + 16)].join('.')
    const payload = file.subarray(packet + headerOctets + UDP_OCTETS, at + RECORD_HEADER_OCTETS + length)
    datagrams.push({ source, payload })
    at += RECORD_HEADER_OCTETS + length
  }
  return datagrams
}
