// Names that options records taught, looked up by the ids in flow records.
import type { NumberColumn, ValueColumn } from '../../fields/column.ts'
import type { Domain } from './domain.ts'
import type { Place } from './layout.ts'
import { KNOWS_APPLICATIONS, KNOWS_INTERFACES, KNOWS_VRF_NAMES, type Learned } from './learned.ts'
import type { Maker, Planner } from './planner.ts'
import { readWhole, wholeAt } from './read-number.ts'
import { lengthOf, readText, remembered } from './read-text.ts'
import { applicationText, rdText } from './texts.ts'

type Lookup = (learned: Learned, id: number) => string | undefined

/** Fills a text column with what is known by the id in a number column. */
function named(planner: Planner, name: string, ids: NumberColumn, lookup: Lookup): true {
  const { values } = planner.columns.values(name)
  const { numbers } = ids
  planner.steps.push(({ row, count, domain }) => {
    const { learned } = domain
    for (let at = row; at < row + count; at++) values[at] = lookup(learned, numbers[at] as number)
  })
  return true
}

const interfaceName =
  (index: string): Maker =>
  (planner, field) => {
    const indexes = planner.knows(KNOWS_INTERFACES) ? planner.numbers(index) : undefined
    return indexes ? named(planner, field.name, indexes, (learned, id) => learned.interfaceName(id)) : false
  }

const vrfName =
  (id: string): Maker =>
  (planner, field) => {
    const ids = planner.numbers(id)
    return ids && planner.knows(KNOWS_VRF_NAMES)
      ? named(planner, field.name, ids, (learned, vrf) => learned.vrfName(vrf))
      : false
  }

/** IE 236 of the record, else the name of the ingress VRF, else of the egress VRF. */
const anyVrfName: Maker = (planner, field) => {
  const column = planner.columns.values(field.name)
  const place = planner.place(236)
  if (place) {
    planner.steps.push(readText(column, place))
    return true
  }
  const names = ['ingress_vrf_name', 'egress_vrf_name'].flatMap(name => planner.values(name) ?? [])
  if (names.length === 0) return false
  planner.steps.push(({ row, count }) => {
    for (let at = row; at < row + count; at++) column.values[at] = names[0]?.values[at] ?? names[1]?.values[at]
  })
  return true
}

/** Fills a text column from octets; the text of a value that came before is remembered. */
function textOfOctets(
  column: ValueColumn,
  place: Place,
  make: (octets: Uint8Array, at: number, length: number) => string,
): (block: { octets: Uint8Array; row: number; count: number; domain: Domain }) => void {
  const short = new Map<number, (key: number) => string>()
  let octetsNow: Uint8Array = new Uint8Array(0)
  let atNow = 0
  const byNumber = (length: number): ((key: number) => string) => {
    let texts = short.get(length)
    if (!texts) {
      texts = remembered(() => make(octetsNow, atNow, length))
      short.set(length, texts)
    }
    return texts
  }
  return ({ octets, row, count }) => {
    octetsNow = octets
    for (let i = 0; i < count; i++) {
      const length = lengthOf(place, i)
      atNow = (place.at[i] as number) + place.offset
      const text =
        length > 0 && length <= 6
          ? byNumber(length)(wholeAt(octets, atNow, length) as number)
          : make(octets, atNow, length)
      column.values[row + i] = text === '' ? undefined : text
    }
  }
}

const applicationId: Maker = planner => {
  const place = planner.place(95)
  if (!place) return false
  planner.steps.push(textOfOctets(planner.columns.values('application_id'), place, applicationText))
  return true
}

/** The application's name: IE 96 of the record, else what options said of its id. */
const applicationClass: Maker = planner => {
  const column = planner.columns.values('class')
  const place = planner.place(96)
  if (place) {
    planner.steps.push(readText(column, place))
    return true
  }
  const ids = planner.values('application_id')
  if (!ids || !planner.knows(KNOWS_APPLICATIONS)) return false
  planner.steps.push(({ row, count, domain }) => {
    for (let at = row; at < row + count; at++) {
      const id = ids.values[at]
      column.values[at] = typeof id === 'string' ? domain.learned.application(id) : undefined
    }
  })
  return true
}

const EGRESS = 'e'.charCodeAt(0)
const vrfIdText = remembered((id: number) => `vrfid:${id}`)

/** The RD of a record's VRF ids: of the ingress first, of the egress first where the flow was seen there. */
function rdOfVrfs(learned: Learned, first: number, second: number): string | undefined {
  const rd = (first > 0 ? learned.rd(first) : undefined) ?? (second > 0 ? learned.rd(second) : undefined)
  if (rd !== undefined) return rd
  return first > 0 ? vrfIdText(first) : second > 0 ? vrfIdText(second) : undefined
}

/** IE 90 of the record, else the RD that options gave for the VRF id, else the VRF id. */
const mplsVpnRd: Maker = (planner, field) => {
  const column = planner.columns.values(field.name)
  const place = planner.place(90)
  if (place) planner.steps.push(textOfOctets(column, place, rdText))
  const [ingress, egress] = [vrfIds(planner, 234), vrfIds(planner, 235)]
  if (!ingress && !egress) return place !== undefined
  const directions = planner.numbers('sampling_direction')
  planner.steps.push(({ row, count, domain }) => {
    const { learned } = domain
    for (let at = row; at < row + count; at++) {
      if (place && column.values[at] !== undefined) continue
      const into = ingress ? (ingress.numbers[at] as number) : 0
      const out = egress ? (egress.numbers[at] as number) : 0
      const seenAtEgress = directions?.numbers[at] === EGRESS
      column.values[at] = seenAtEgress ? rdOfVrfs(learned, out, into) : rdOfVrfs(learned, into, out)
    }
  })
  return true
}

function vrfIds(planner: Planner, id: number): NumberColumn | undefined {
  const place = planner.place(id)
  if (!place) return undefined
  const column = planner.columns.numbers(id === 234 ? 'vrf_id_ingress' : 'vrf_id_egress', 'rd')
  const read = readWhole(column, place)
  if (read) planner.steps.push(read)
  return read && column
}

const mplsVpnRdOrigin: Maker = planner => {
  const rds = planner.values('mpls_vpn_rd')
  if (!rds) return false
  const { values } = planner.columns.values('mpls_vpn_rd_origin')
  planner.steps.push(({ row, count }) => {
    for (let at = row; at < row + count; at++) values[at] = rds.values[at] === undefined ? undefined : 'flow'
  })
  return true
}

export const NAME_MAKERS: { readonly [name: string]: Maker } = {
  iface_name_in: interfaceName('iface_in'),
  iface_name_out: interfaceName('iface_out'),
  ingress_vrf_name: vrfName('vrf_id_ingress'),
  egress_vrf_name: vrfName('vrf_id_egress'),
  vrf_name: anyVrfName,
  application_id: applicationId,
  class: applicationClass,
  mpls_vpn_rd: mplsVpnRd,
  mpls_vpn_rd_origin: mplsVpnRdOrigin,
}
