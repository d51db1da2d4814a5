// Lists of BGP communities (RFC 8549): a basicList each, of what the source or the destination has.
import type { Value } from '../../contract/record.ts'
import { communityText } from '../bgp/attributes/community-text.ts'
import { extendedCommunityText } from '../bgp/attributes/extended-community.ts'
import type { Maker } from './planner.ts'
import { lengthOf } from './read-text.ts'

/** Semantic, element, length of an item (RFC 6313 section 4.5.1). */
const HEADER_OCTETS = 5
const ENTERPRISE_BIT = 0x8000
const ENTERPRISE_OCTETS = 4

type TextAt = (octets: Uint8Array, view: DataView, at: number) => string

const LARGE: TextAt = (_, view, at) => `${view.getUint32(at)}:${view.getUint32(at + 4)}:${view.getUint32(at + 8)}`
const STANDARD: TextAt = (_, view, at) => communityText(view.getUint32(at))

const list =
  (id: number, itemOctets: number, textAt: TextAt): Maker =>
  (planner, field) => {
    const place = planner.place(id)
    if (!place) return false
    const { values } = planner.columns.values(field.name)
    planner.steps.push(({ octets, view, row, count }) => {
      for (let i = 0; i < count; i++) {
        let at = (place.at[i] as number) + place.offset
        const end = at + lengthOf(place, i)
        const texts: Value[] = []
        if (end - at >= HEADER_OCTETS && view.getUint16(at + 3) === itemOctets) {
          at += HEADER_OCTETS + (view.getUint16(at + 1) & ENTERPRISE_BIT ? ENTERPRISE_OCTETS : 0)
          for (; at + itemOctets <= end; at += itemOctets) texts.push(textAt(octets, view, at))
        }
        values[row + i] = texts.length > 0 ? texts : undefined
      }
    })
    return true
  }

export const COMMUNITY_MAKERS: { readonly [name: string]: Maker } = {
  comms: list(485, 4, STANDARD),
  comms_src: list(484, 4, STANDARD),
  ecomms: list(488, 8, extendedCommunityText),
  ecomms_src: list(487, 8, extendedCommunityText),
  lcomms: list(491, 12, LARGE),
  lcomms_src: list(490, 12, LARGE),
}
