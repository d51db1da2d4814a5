// Attribute 40, Prefix-SID: TLVs of an octet of type and 16 bits of length (RFC 8669 section 3; SRv6 services RFC 9252 section 2).
import type { NetRecord, Value } from '../../../contract/record.ts'
import { ipv6Address } from '../nlri/prefix-text.ts'
import { type AttributeRow, type Draft, OPTIONAL, TRANSITIVE } from './attribute.ts'

const SRV6_SERVICES: { readonly [type: number]: string } = { 5: 'l3', 6: 'l2' }
const SID_INFORMATION = 1
const SID_INFORMATION_OCTETS = 21
const SID_STRUCTURE = 1
const SID_STRUCTURE_OCTETS = 6

function word24(view: DataView, at: number): number {
  return (view.getUint32(at - 1) & 0xffffff) >>> 0
}

function labelIndex(view: DataView, start: number, end: number, draft: Draft): string | undefined {
  if (end - start !== 7) return `a label index of ${end - start} octets`
  draft.values.psid_li = view.getUint32(start + 3)
  return undefined
}

function blocks(view: DataView, start: number, end: number, draft: Draft): string | undefined {
  if (end - start < 8 || (end - start - 2) % 6 !== 0) return `an originator SRGB of ${end - start} octets`
  const ranges: string[] = []
  for (let at = start + 2; at < end; at += 6) ranges.push(`${word24(view, at)}-${word24(view, at + 3)}`)
  draft.extra.psid_srgb = ranges
  return undefined
}

/** TLVs of an octet of type and 16 bits of length in start..end, or undefined when they do not fill it. */
function walk(view: DataView, start: number, end: number): { type: number; start: number; end: number }[] | undefined {
  const found: { type: number; start: number; end: number }[] = []
  let at = start
  while (at + 3 <= end) {
    const from = at + 3
    const next = from + view.getUint16(at + 1)
    found.push({ type: view.getUint8(at), start: from, end: next })
    at = next
  }
  return at === end ? found : undefined
}

function structure(octets: Uint8Array, at: number): NetRecord {
  const names = ['locator_block', 'locator_node', 'function', 'argument', 'transposition', 'transposition_offset']
  return Object.fromEntries(names.map((name, index) => [name, octets[at + index] as number]))
}

function service(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  type: string,
  draft: Draft,
): string | undefined {
  const parts = end - start < 1 ? undefined : walk(view, start + 1, end)
  if (!parts) return `an SRv6 ${type} service whose parts do not fill it`
  const services = (draft.values.srv6_services ?? []) as Value[]
  for (const part of parts) {
    if (part.type !== SID_INFORMATION) continue
    const inner =
      part.end - part.start < SID_INFORMATION_OCTETS
        ? undefined
        : walk(view, part.start + SID_INFORMATION_OCTETS, part.end)
    if (!inner) return `an SRv6 SID of ${part.end - part.start} octets`
    const said: NetRecord = {
      type,
      sid: ipv6Address(octets, part.start + 1),
      behavior: view.getUint16(part.start + 18),
    }
    for (const { type: kind, start: from, end: to } of inner) {
      if (kind !== SID_STRUCTURE) continue
      if (to - from !== SID_STRUCTURE_OCTETS) return `an SRv6 SID structure of ${to - from} octets`
      said.structure = structure(octets, from)
    }
    services.push(said)
  }
  draft.values.srv6_services = services
  return undefined
}

export const prefixSid: AttributeRow = {
  code: 40,
  name: 'PREFIX_SID',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'attribute-discard',
  reference: 'RFC 8669 section 6',
  decode: (octets, view, start, end, draft) => {
    const parts = walk(view, start, end)
    if (!parts) return 'its TLVs do not fill it'
    for (const { type, start: from, end: to } of parts) {
      const name = SRV6_SERVICES[type]
      let what: string | undefined
      if (type === 1) what = labelIndex(view, from, to, draft)
      else if (type === 3) what = blocks(view, from, to, draft)
      else if (name) what = service(octets, view, from, to, name, draft)
      if (what !== undefined) {
        forget(draft)
        return what
      }
    }
    return undefined
  },
}

/** The attribute is discarded as a whole. */
function forget(draft: Draft): void {
  delete draft.values.psid_li
  delete draft.extra.psid_srgb
  delete draft.values.srv6_services
}
