// What LSAs of both versions have in common: the routers of a network, metrics of 24 bits.
import { ipv4Address } from '../bgp/nlri/prefix-text.ts'
import { LSA_HEADER_OCTETS } from './lsa.ts'
import { pseudonodeId, type Said, sayLink, sayNode } from './said.ts'

export const BODY = LSA_HEADER_OCTETS
export const CUT = 'it is cut'
const ATTACHED_AT = BODY + 4

export const metric24 = (view: DataView, at: number): number => view.getUint32(at) & 0xffffff

/** A network LSA: a mask or options, then the routers on it. Gives the pseudonode; undefined: it is cut. */
export function sayNetwork(said: Said): string | undefined {
  const { octets, id, advertisingRouter } = said.lsa
  if (octets.length < ATTACHED_AT || octets.length % 4 !== 0) return undefined
  const pseudonode = pseudonodeId(advertisingRouter, id)
  sayNode(said, pseudonode, [])
  for (let at = ATTACHED_AT; at < octets.length; at += 4) sayLink(said, pseudonode, ipv4Address(octets, at), 0)
  return pseudonode
}
