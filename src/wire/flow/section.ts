// Records that carry the start of a packet (RFC 5477, RFC 7133, NetFlow-Lite): its headers fill the fields that the template lacks.
import type { Field } from '../../fields/field.ts'
import { dissect } from '../packet/dissect.ts'
import { ETHERNET_LAYER, IP_LAYER, MPLS_LAYER } from '../packet/layer.ts'
import { Packet } from '../packet/packet.ts'
import { isPacketField, packetWriter, type Writer } from '../packet/parts.ts'
import type { Place } from './layout.ts'
import type { Planner } from './planner.ts'
import { lengthOf } from './read-text.ts'

/** dataLinkFrameSection, layer2packetSectionData, ipHeaderPacketSection, mplsLabelStackSection. */
const SECTIONS: readonly (readonly [id: number, layer: number])[] = [
  [315, ETHERNET_LAYER],
  [104, ETHERNET_LAYER],
  [313, IP_LAYER],
  [316, MPLS_LAYER],
]

/** What the one dissection of a plan fills. */
const writersOf = new WeakMap<Planner, Writer[]>()

export const hasSection = (planner: Planner): boolean => SECTIONS.some(([id]) => planner.has(id))

/** Fills a field from the packet; false when the record carries none, or packets do not have the field. */
export function sectionField(planner: Planner, field: Field): boolean {
  if (!isPacketField(field.name)) return false
  const writers = writersOf.get(planner) ?? dissection(planner)
  writers?.push(packetWriter(field.name, planner.columns.of(field)) as Writer)
  return writers !== undefined
}

function dissection(planner: Planner): Writer[] | undefined {
  const found = SECTIONS.find(([id]) => planner.has(id))
  if (!found) return undefined
  const [id, layer] = found
  const place = planner.place(id) as Place
  const writers: Writer[] = []
  writersOf.set(planner, writers)
  const packet = new Packet()
  planner.steps.push(({ view, row, count }) => {
    for (let i = 0; i < count; i++) {
      const at = (place.at[i] as number) + place.offset
      packet.clear()
      dissect(layer, view, at, at + lengthOf(place, i), packet)
      for (const write of writers) write(packet, row + i)
    }
  })
  return writers
}
