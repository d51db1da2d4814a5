// What a switch, router or server says beside the sampled packet (sFlow version 5 section 5.4, and structures registered since).
import type { Sample } from '../sample.ts'
import type { Xdr } from '../xdr.ts'
import { gateway } from './gateway.ts'
import { sampledEthernet, sampledHeader, sampledIp } from './header.ts'

export type RecordReader = (xdr: Xdr, sample: Sample) => void

const UNKNOWN_PRIORITY = 0xffffffff
const LONGEST_PREFIX = 128
const labelOf = (entry: number): number => entry >>> 12
const vlanOf = (tag: number): number => tag & 0xfff

export function switching(xdr: Xdr, sample: Sample): void {
  if (!xdr.has(16)) return
  const vlanIn = xdr.unsigned()
  const priorityIn = xdr.unsigned()
  const vlanOut = xdr.unsigned()
  xdr.skip(4) // priority at the egress
  sample.vlanIn = vlanIn
  sample.vlanOut = vlanOut
  if (priorityIn !== UNKNOWN_PRIORITY) sample.priorityIn = priorityIn
}

export function routing(xdr: Xdr, sample: Sample): void {
  xdr.address(sample.nextHop)
  const [source, destination] = [xdr.unsigned(), xdr.unsigned()]
  if (xdr.broken) return
  if (source <= LONGEST_PREFIX) sample.maskSource = source
  if (destination <= LONGEST_PREFIX) sample.maskDestination = destination
}

/** A character set (IANA's number) before each name. */
export function user(xdr: Xdr, sample: Sample): void {
  for (const field of ['username', 'username_dst']) {
    xdr.skip(4)
    const name = xdr.text()
    if (name !== '') sample.put(field, name)
  }
}

export function url(version: number, xdr: Xdr, sample: Sample): void {
  xdr.skip(4) // direction: whether source or destination is the server
  const [location, host] = [xdr.text(), version === 5 ? xdr.text() : '']
  if (location !== '') sample.put('url', location)
  if (host !== '') sample.put('url_host', host)
}

function mpls(xdr: Xdr, sample: Sample): void {
  xdr.address(sample.mplsNextHop)
  const [into, out] = [xdr.list(), xdr.list()]
  if (into.length > 0 && sample.packet.labels.length === 0) sample.packet.labels = into.map(labelOf)
  if (out.length > 0) sample.put('mpls_label_stack_out', out.map(labelOf))
}

function mplsTunnel(xdr: Xdr, sample: Sample): void {
  const [name, id] = [xdr.text(), xdr.unsigned()]
  if (name !== '') sample.put('mpls_tunnel_name', name)
  if (!xdr.broken) sample.put('mpls_tunnel_id', id)
}

function mplsVc(xdr: Xdr, sample: Sample): void {
  const [name, id] = [xdr.text(), xdr.unsigned()]
  if (name !== '') sample.put('mpls_vc_name', name)
  if (!xdr.broken) sample.pseudowire = id
}

function mplsFtn(xdr: Xdr, sample: Sample): void {
  const [name, mask] = [xdr.text(), xdr.unsigned()]
  if (name !== '') sample.put('mpls_ftn_name', name)
  if (!xdr.broken) sample.put('mpls_ftn_mask', mask)
}

function nat(xdr: Xdr, sample: Sample): void {
  xdr.address(sample.natSource)
  xdr.address(sample.natDestination)
}

function natPorts(xdr: Xdr, sample: Sample): void {
  const [source, destination] = [xdr.unsigned(), xdr.unsigned()]
  if (xdr.broken) return
  sample.natSourcePort = source
  sample.natDestinationPort = destination
}

function vlanTunnel(xdr: Xdr, sample: Sample): void {
  const tags = xdr.list()
  if (tags.length > 0) sample.put('vlan_stack', tags.map(vlanOf))
}

type NumberName = 'vni' | 'innerOffset' | 'queue' | 'queueDepth' | 'transitNs'
const number =
  (name: NumberName): RecordReader =>
  (xdr, sample) => {
    const value = xdr.unsigned()
    if (!xdr.broken) sample[name] = value
  }

const unsignedField =
  (field: string): RecordReader =>
  (xdr, sample) => {
    const value = xdr.unsigned()
    if (!xdr.broken) sample.put(field, value)
  }

const textField =
  (field: string): RecordReader =>
  (xdr, sample) => {
    const text = xdr.text()
    if (text !== '') sample.put(field, text)
  }

function acl(xdr: Xdr, sample: Sample): void {
  const [number, name] = [xdr.unsigned(), xdr.text()]
  if (xdr.broken) return
  sample.put('acl_number', number)
  if (name !== '') sample.put('acl_name', name)
}

function hardwareTrap(xdr: Xdr, sample: Sample): void {
  const [group, trap] = [xdr.text(), xdr.text()]
  if (group !== '') sample.put('drop_group', group)
  if (trap !== '') sample.put('drop_reason', trap)
}

/** A server's own socket says the addresses where no packet was sampled. */
const socket =
  (family: 4 | 6): RecordReader =>
  (xdr, sample) => {
    const { outer } = sample.packet
    if (outer.family !== 0 || !xdr.has(family === 4 ? 20 : 44)) return
    outer.family = family
    outer.protocol = xdr.unsigned()
    xdr.words(outer.source, family === 4 ? 1 : 4)
    xdr.words(outer.destination, family === 4 ? 1 : 4)
    outer.sourcePort = xdr.unsigned()
    outer.destinationPort = xdr.unsigned()
  }

/** By format, of enterprise 0. Those with an offset into the header come before it in the sample, or are read first. */
export const FLOW_RECORDS: ReadonlyMap<number, RecordReader> = new Map<number, RecordReader>([
  [1, (xdr, sample) => sampledHeader(xdr, sample, true)],
  [2, sampledEthernet],
  [3, (xdr, sample) => sampledIp(4, xdr, sample)],
  [4, (xdr, sample) => sampledIp(6, xdr, sample)],
  [1001, switching],
  [1002, routing],
  [1003, (xdr, sample) => gateway(5, xdr, sample)],
  [1004, user],
  [1005, (xdr, sample) => url(5, xdr, sample)],
  [1006, mpls],
  [1007, nat],
  [1008, mplsTunnel],
  [1009, mplsVc],
  [1010, mplsFtn],
  [1011, unsignedField('mpls_fec_prefix_length')],
  [1012, vlanTunnel],
  [1020, natPorts],
  [1027, number('innerOffset')],
  [1028, number('innerOffset')],
  [1029, number('vni')],
  [1030, number('vni')],
  [1036, number('queue')],
  [1037, acl],
  [1038, textField('function_name')],
  [1039, number('transitNs')],
  [1040, number('queueDepth')],
  [1041, hardwareTrap],
  [1042, textField('drop_reason')],
  [2100, socket(4)],
  [2101, socket(6)],
])

/** Registered and read over: 802.11, Fibre Channel, OpenFlow, tunnels' outer headers, InfiniBand, applications. */
export const SKIPPED_FLOW_RECORDS: ReadonlySet<number> = new Set([
  1013, 1014, 1015, 1016, 1017, 1018, 1019, 1021, 1022, 1023, 1024, 1025, 1026, 1031, 1032, 1033, 1034, 1035, 2000,
  2001, 2002, 2102, 2103, 2200, 2201, 2202, 2203, 2204, 2205, 2206, 2207, 2208, 2209, 2210,
])
