// Inputs of packets: a capture of frames, and sFlow datagrams that sample them.
import { flowSample, header, sflow5, tagged, u32 } from '../test/support/sflow-writer.ts'
import { type CaptureFile, captureFile } from './capture-file.ts'
import { CAPTURE_START_MS, type Flow, flows } from './flows.ts'
import { type Sums, tally } from './sums.ts'

const ETHERNET_OCTETS = 14
const CAPTURED_OCTETS = 96
const SAMPLED_OCTETS = 128
const SAMPLES_PER_DATAGRAM = 6
const SAMPLING_RATE = 1000
const AGENT = { source: '10.0.0.1', sourcePort: 50_000, destination: '10.0.0.100', destinationPort: 6343 }
const UDP = 17
const TCP = 6

interface Sampled {
  readonly frame: Buffer
  /** Of the whole frame. */
  readonly octets: number
}

/** One host in five talks IPv6. */
const isIpv6 = ({ source, destination }: Flow): boolean => (source.ipv4 ^ destination.ipv4) % 5 === 0

/** One packet of a flow. ICMP, whose ports are none, becomes UDP. */
function packetOf(flow: Flow, captured: number): Sampled {
  const protocol = flow.protocol === TCP ? TCP : UDP
  const six = isIpv6(flow)
  const ipOctets = six ? 40 : 20
  const octets = Math.max(ETHERNET_OCTETS + ipOctets + 20, Math.min(1514, Math.floor(flow.octets / flow.packets)))
  const frame = Buffer.alloc(captured)
  frame.writeUIntBE(0x0200_0001_0001, 0, 6)
  frame.writeUIntBE(0x0200_0002_0002, 6, 6)
  frame.writeUInt16BE(six ? 0x86dd : 0x0800, 12)
  const at = ETHERNET_OCTETS
  if (six) {
    frame.writeUInt32BE(0x6000_0000, at)
    frame.writeUInt16BE(octets - ETHERNET_OCTETS - ipOctets, at + 4)
    frame[at + 6] = protocol
    frame[at + 7] = 64
    frame.set(flow.source.ipv6, at + 8)
    frame.set(flow.destination.ipv6, at + 24)
  } else {
    frame[at] = 0x45
    frame.writeUInt16BE(octets - ETHERNET_OCTETS, at + 2)
    frame[at + 8] = 64
    frame[at + 9] = protocol
    frame.writeUInt32BE(flow.source.ipv4, at + 12)
    frame.writeUInt32BE(flow.destination.ipv4, at + 16)
  }
  frame.writeUInt16BE(flow.sourcePort, at + ipOctets)
  frame.writeUInt16BE(flow.destinationPort, at + ipOctets + 2)
  if (protocol === TCP) frame[at + ipOctets + 13] = flow.tcpFlags
  return { frame: frame.subarray(0, Math.min(captured, octets)), octets }
}

const counted = (flow: Flow, octets: number): Flow => ({
  ...flow,
  protocol: flow.protocol === TCP ? TCP : UDP,
  packets: 1,
  octets,
})

/** What sfacctd counts: whole frames. */
export function writeSflow(path: string, count: number): Sums {
  const file: CaptureFile = captureFile(path)
  const sums = tally()
  let samples: Buffer[] = []
  let [number, datagrams] = [0, 0]
  const send = (nowMs: number): void => {
    const datagram = sflow5({ agent: '10.0.0.1', sequence: ++datagrams, uptime: nowMs }, ...samples)
    file.datagram((CAPTURE_START_MS + nowMs) * 1000, AGENT, datagram)
    samples = []
  }
  for (const flow of flows(count)) {
    const { frame, octets } = packetOf(flow, SAMPLED_OCTETS)
    sums.add(counted(flow, octets), false, as => as)
    const head = { sequence: ++number, pool: (number * SAMPLING_RATE) >>> 0, rate: SAMPLING_RATE, source: 3 }
    samples.push(flowSample(head, header(frame, octets), tagged(1001, u32(10, 0, 20, 0))))
    if (samples.length === SAMPLES_PER_DATAGRAM) send(flow.endMs)
  }
  if (samples.length > 0) send(0)
  file.close()
  return sums.sums()
}

/** What pmacctd counts: from the IP header on. */
export function writeFrames(path: string, count: number): Sums {
  const file = captureFile(path)
  const sums = tally()
  for (const flow of flows(count)) {
    const { frame, octets } = packetOf(flow, CAPTURED_OCTETS)
    sums.add(counted(flow, octets - ETHERNET_OCTETS), false, as => as)
    file.frame((CAPTURE_START_MS + flow.endMs) * 1000, frame, octets)
  }
  file.close()
  return sums.sums()
}
