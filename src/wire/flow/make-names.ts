// Names that options records taught, looked up by the ids in flow records.
import type { NumberColumn, ValueColumn } from '../../fields/column.ts'
import type { Domain } from './domain.ts'
import type { Place } from './layout.ts'
import { KNOWS_APPLICATIONS, KNOWS_INTERFACES, KNOWS_VRF_NAMES, type Learned } from './learned.ts'
import type { Maker, Planner } from './planner.ts'
import { wholeAt } from './read-number.ts'
import { lengthOf, readText, remembered } from './read-text.ts'
import { applicationText, NO_RD, rdText } from './texts.ts'

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

/** IE 236 of the record, else the name of the VRF that the RD is of, else of the other one. */
const anyVrfName: Maker = (planner, field) => {
  const column = planner.columns.values(field.name)
  const place = planner.place(236)
  if (place) {
    planner.steps.push(readText(column, place))
    return true
  }
  const vrfs = planner.knows(KNOWS_VRF_NAMES) && vrfColumns(planner)
  if (!vrfs) return false
  planner.steps.push(({ row, count, domain }) => {
    const { learned } = domain
    for (let at = row; at < row + count; at++) {
      const [first, second] = vrfsAt(vrfs, at)
      const names = [learned.vrfName(first), learned.vrfName(second)]
      column.values[at] = ofSecond(learned, first, second) ? (names[1] ?? names[0]) : (names[0] ?? names[1])
    }
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
/** In a record, zeros mean that there is none. */
const recordRd = (octets: Uint8Array, at: number, length: number): string => {
  const text = rdText(octets, at, length)
  return text === NO_RD ? '' : text
}
const vrfIdText = remembered((id: number) => `vrfid:${id}`)

interface VrfColumns {
  readonly ingress: Float64Array | undefined
  readonly egress: Float64Array | undefined
  readonly directions: Float64Array | undefined
}

function vrfColumns(planner: Planner): VrfColumns | undefined {
  const ingress = planner.numbers('vrf_id_ingress')?.numbers
  const egress = planner.numbers('vrf_id_egress')?.numbers
  if (!ingress && !egress) return undefined
  return { ingress, egress, directions: planner.numbers('sampling_direction')?.numbers }
}

/** The VRF ids of a record, 0 = none: of the ingress first, unless the flow was seen at the egress. */
function vrfsAt({ ingress, egress, directions }: VrfColumns, row: number): [first: number, second: number] {
  const into = ingress?.[row] ?? 0
  const out = egress?.[row] ?? 0
  return directions?.[row] === EGRESS ? [out, into] : [into, out]
}

/** True when the second VRF has an RD and the first has none, or only the one that stands for the global table. */
function ofSecond(learned: Learned, first: number, second: number): boolean {
  const [rd, other] = [learned.rd(first), learned.rd(second)]
  return other !== undefined && (rd === undefined || (rd === NO_RD && other !== NO_RD))
}

function rdOfVrfs(learned: Learned, first: number, second: number): string | undefined {
  const rd = learned.rd(ofSecond(learned, first, second) ? second : first)
  if (rd !== undefined) return rd
  return first > 0 ? vrfIdText(first) : second > 0 ? vrfIdText(second) : undefined
}

/** IE 90 of the record, else the RD that options gave for the VRF id, else the VRF id. */
const mplsVpnRd: Maker = (planner, field) => {
  const column = planner.columns.values(field.name)
  const place = planner.place(90)
  if (place) planner.steps.push(textOfOctets(column, place, recordRd))
  const vrfs = vrfColumns(planner)
  if (!vrfs) return place !== undefined
  planner.steps.push(({ row, count, domain }) => {
    for (let at = row; at < row + count; at++) {
      if (place && column.values[at] !== undefined) continue
      column.values[at] = rdOfVrfs(domain.learned, ...vrfsAt(vrfs, at))
    }
  })
  return true
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
