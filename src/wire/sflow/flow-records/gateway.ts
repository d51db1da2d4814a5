// extended_gateway: what BGP said of the destination. Versions 2, 4 and 5 differ.
import type { Value } from '../../../contract/record.ts'
import { communityText } from '../../bgp/attributes/community-text.ts'
import type { Sample } from '../sample.ts'
import type { Xdr } from '../xdr.ts'

const SET = 1
/** A path with more is none. */
const SEGMENTS = 64

interface Path {
  readonly items: Value[]
  readonly first: number
  readonly last: number
}

/** Items as bgp-recv writes them: a number each, a set as one text. */
function readPath(xdr: Xdr): Path {
  const items: Value[] = []
  let [first, last] = [Number.NaN, Number.NaN]
  for (let left = Math.min(xdr.unsigned(), SEGMENTS); left > 0 && !xdr.broken; left--) {
    const type = xdr.unsigned()
    const numbers = xdr.list()
    if (numbers.length === 0) continue
    if (items.length === 0) first = numbers[0] as number
    last = numbers.at(-1) as number
    if (type === SET) items.push(`{${numbers.join(',')}}`)
    else items.push(...numbers)
  }
  return { items, first, last }
}

function putPath(sample: Sample, { items, first, last }: Path): void {
  if (items.length === 0) return
  sample.peerAsDestination = first
  sample.asDestination = last
  sample.put('as_path', items)
}

function readAs(xdr: Xdr, sample: Sample): void {
  xdr.skip(4) // the router's own
  const [source, peer] = [xdr.unsigned(), xdr.unsigned()]
  if (source !== 0) sample.asSource = source
  if (peer !== 0) sample.peerAsSource = peer
}

export function gateway(version: number, xdr: Xdr, sample: Sample): void {
  if (version === 5) xdr.address(sample.bgpNextHop)
  readAs(xdr, sample)
  if (version === 2) {
    const items = xdr.list()
    putPath(sample, { items, first: items[0] ?? Number.NaN, last: items.at(-1) ?? Number.NaN })
    return
  }
  putPath(sample, readPath(xdr))
  const communities = xdr.list()
  if (communities.length > 0) sample.put('comms', communities.map(communityText))
  const localPref = xdr.unsigned()
  if (!xdr.broken) sample.localPref = localPref
}
