// Fields that come from the message, its sender and the template as a whole.

import type { AddressColumn } from '../../fields/column.ts'
import type { Block } from './block.ts'
import { DATAGRAM_NUMBER } from './datagram-number.ts'
import { KNOWS_ADDRESS } from './learned.ts'
import { makeOrdinary } from './ordinary.ts'
import type { Maker, Planner } from './planner.ts'
import { etypeOf, etypeOfVersion, fillAddress, maskAddress, readAddress, whereNotZero } from './read-address.ts'
import { fillNumber, readWhole } from './read-number.ts'
import { fillValue } from './read-text.ts'
import { sectionField } from './section.ts'

const filled =
  (value: (block: Block) => number): Maker =>
  (planner, field) => {
    planner.steps.push(fillNumber(planner.columns.numbers(field.name), value))
    return true
  }

/** The peer, unless the exporter says in the record or in options who it is (IE 130, 131). */
const peerAddress: Maker = planner => {
  const column = planner.columns.addresses('peer_ip_src')
  const trusted = !planner.options.ignoreExporterAddress
  if (trusted && planner.knows(KNOWS_ADDRESS)) {
    planner.steps.push(fillAddress(column, ({ domain }) => domain.exporterAddress))
  } else planner.steps.push(fillAddress(column, ({ domain }) => domain.exporter))
  if (!trusted) return true
  const own = planner.columns.addresses('peer_ip_src', 'record')
  for (const id of [130, 131]) {
    const place = planner.place(id)
    const read = place && readAddress(own, place)
    if (read) planner.steps.push(read, whereNotZero(column, own))
  }
  return true
}

/** Of the packet on the wire. */
function outerAddress(planner: Planner): AddressColumn | undefined {
  const tunnel = planner.twoHeaders && planner.options.compat === 'pmacct'
  const names = tunnel ? ['tunnel_ip_src', 'tunnel_ip_dst'] : []
  for (const name of [...names, 'ip_src', 'ip_dst']) {
    const address = planner.addresses(name)
    if (address) return address
  }
  return undefined
}

/** IE 256, else the family of the addresses. */
const etype: Maker = (planner, field) => {
  if (makeOrdinary(planner, field) || sectionField(planner, field)) return true
  const column = planner.columns.numbers('etype')
  const version = planner.place(60)
  const readVersion = version && readWhole(column, version)
  if (readVersion) {
    planner.steps.push(readVersion, etypeOfVersion(column))
    return true
  }
  const address = outerAddress(planner)
  if (!address) return false
  planner.steps.push(etypeOf(column, address))
  return true
}

/** 1 where the exporter does not say, but nothing where a record is no flow. */
const flows: Maker = (planner, field) => {
  if (planner.template.options) return false
  const column = planner.columns.numbers('flows')
  if (!makeOrdinary(planner, field)) {
    if (planner.isEvent) return false
    planner.steps.push(fillNumber(column, () => 1))
    return true
  }
  planner.steps.push(({ row, count }) => {
    for (let at = row; at < row + count; at++) if (column.numbers[at] === 0) column.numbers[at] = 1
  })
  return true
}

const eventType: Maker = planner => {
  if (!planner.template.options) return false
  planner.steps.push(fillValue(planner.columns.values('event_type'), 'option'))
  return true
}

/** NetFlow v5 has no templates. */
const templateId: Maker = ({ options, template, columns, steps }, field) => {
  if (!options.templateId || template.id === 0) return false
  steps.push(fillNumber(columns.numbers(field.name), () => template.id))
  return true
}

/** nfacctd takes the header's time where the record has none that it understands. */
const timestampStart: Maker = (planner, field) => {
  if (makeOrdinary(planner, field)) return true
  if (planner.options.compat !== 'pmacct' || planner.template.options) return false
  planner.steps.push(fillNumber(planner.columns.numbers(field.name), block => block.header.exportUs))
  return true
}

/** nfacctd takes the firewall event of Cisco's NSEL (40005) for a NAT event. */
const natEvent: Maker = (planner, field) => {
  if (makeOrdinary(planner, field)) return true
  const place = planner.options.compat === 'pmacct' ? planner.place(40005) : undefined
  const read = place && readWhole(planner.columns.numbers(field.name), place)
  if (read) planner.steps.push(read)
  return read !== undefined
}

/** A prefix element, else the address without its host bits. */
const net =
  (ids: readonly number[], address: string, mask: string): Maker =>
  (planner, field) => {
    const column = planner.columns.addresses(field.name)
    for (const id of ids) {
      const place = planner.place(id)
      const read = place && readAddress(column, place)
      if (!read) continue
      planner.steps.push(read)
      return true
    }
    const from = planner.addresses(address)
    const bits = from && planner.numbers(mask)
    if (!bits) return false
    planner.steps.push(maskAddress(column, from, bits))
    return true
  }

export const CONTEXT_MAKERS: { readonly [name: string]: Maker } = {
  [DATAGRAM_NUMBER]: filled(block => block.header.datagram),
  timestamp_arrival: filled(block => block.header.arrivalUs),
  timestamp_export: filled(block => block.header.exportUs),
  export_proto_seqno: filled(block => block.header.sequence),
  export_proto_version: filled(block => block.header.version),
  export_proto_sysid: filled(block => block.header.sysid),
  peer_ip_src: peerAddress,
  flowset_id: templateId,
  event_type: eventType,
  etype,
  flows,
  timestamp_start: timestampStart,
  nat_event: natEvent,
  net_src: net([44, 170], 'ip_src', 'mask_src'),
  net_dst: net([45, 169], 'ip_dst', 'mask_dst'),
}
