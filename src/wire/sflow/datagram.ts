// Datagram headers of sFlow 2, 4 (RFC 3176) and 5.
import type { MessageHeader } from '../flow/message.ts'
import type { Address, Xdr } from './xdr.ts'

export const SFLOW5 = 5
const VERSIONS: ReadonlySet<number> = new Set([2, 4, SFLOW5])

/** NetFlow has its version in the first 16 bits, sFlow in 32: what begins with 16 zero bits is sFlow or nothing of ours. */
export function isSflow(view: DataView, start: number, end: number): boolean {
  return end - start >= 4 && VERSIONS.has(view.getUint32(start))
}

/** Reads the header; how many samples it says follow, undefined when it is cut off. The export time is not in it. */
export function readDatagram(xdr: Xdr, agent: Address, header: MessageHeader): number | undefined {
  header.version = xdr.unsigned()
  xdr.address(agent)
  header.sysid = header.version === SFLOW5 ? xdr.unsigned() : 0
  header.domain = header.sysid
  header.sequence = xdr.unsigned()
  header.uptimeMs = xdr.unsigned()
  header.exportUs = Number.NaN
  header.samplingRate = 0
  const samples = xdr.unsigned()
  return xdr.broken ? undefined : samples
}
