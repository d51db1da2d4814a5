// Templates: RFC 3954 sections 5.2 and 6.1, RFC 7011 section 3.4.
import type { Problem } from '../../contract/problem.ts'
import type { Layout } from './layout.ts'
import { FIELDS_PER_TEMPLATE } from './limits.ts'
import { IPFIX } from './message.ts'
import type { Plan } from './plan.ts'

export interface TemplateField {
  readonly id: number
  /** Private enterprise number, 0 = IANA. */
  readonly pen: number
  /** Octets, or VARIABLE. */
  readonly length: number
}

export interface Template {
  readonly id: number
  readonly version: number
  readonly options: boolean
  /** How many of the fields are scopes; of options only. */
  readonly scopes: number
  readonly fields: readonly TemplateField[]
  /** The template record as it came, to see that a refresh changes nothing and to store it. */
  readonly octets: Uint8Array
  /** Made when data comes. */
  layout: Layout | undefined
  /** By the environment that they were made for (environment.ts). */
  plans: Map<number, Plan> | undefined
  /** The plan used last, and its environment. */
  plan: Plan | undefined
  environment: number
}

/** A template record that takes templates away (RFC 7011 section 8.1): an id, or 2 or 3 for all of a kind. */
export interface Withdrawal {
  readonly withdrawn: number
}

export function makeTemplate(
  of: Pick<Template, 'id' | 'version' | 'options' | 'scopes' | 'fields' | 'octets'>,
): Template {
  return { ...of, layout: undefined, plans: undefined, plan: undefined, environment: -1 }
}

/** The scope field types of NetFlow v9 (RFC 3954 section 6.1) as fields: no element has this enterprise number. */
export const NETFLOW9_SCOPE_PEN = -9
export const NETFLOW9_SCOPE_INTERFACE = 2
export const NETFLOW9_SCOPE_TEMPLATE = 5

const problem = (code: string, message: string): Problem => ({ code: `flow/${code}`, message })

/** Reads the template records of one set. A Problem when the set cannot be followed further. */
export function readTemplates(
  octets: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  version: number,
  options: boolean,
  found: (template: Template | Withdrawal | Problem) => void,
): Problem | undefined {
  while (end - at >= 4) {
    const id = view.getUint16(at)
    const count = view.getUint16(at + 2)
    if (id === 0 && count === 0) return undefined // padding
    if (count === 0 && version === IPFIX) {
      found({ withdrawn: id })
      at += 4
      continue
    }
    if (id < 256) return problem('template-id', `template id ${id}: ids below 256 are not for templates`)
    const header = options ? optionsHeader(view, at, end, version) : { octets: 4, fields: count, scopes: 0 }
    if (!header) return problem('template-truncated', `options template ${id} ends in its header`)
    const next = fieldsEnd(view, at + header.octets, end, header.fields, version)
    if (next < 0) return problem('template-truncated', `template ${id} says ${header.fields} fields and ends before`)
    const fields = readFields(view, at + header.octets, header, version, options)
    const copy = octets.slice(at, next)
    at = next
    found(
      refusal(id, header.scopes, fields) ??
        makeTemplate({ id, version, options, scopes: header.scopes, fields, octets: copy }),
    )
  }
  return undefined
}

interface FieldsHeader {
  readonly octets: number
  readonly fields: number
  readonly scopes: number
}

/** v9 says the octets of its scope and option specifiers, IPFIX how many there are. */
function optionsHeader(view: DataView, at: number, end: number, version: number): FieldsHeader | undefined {
  if (end - at < 6) return undefined
  const first = view.getUint16(at + 2)
  const second = view.getUint16(at + 4)
  if (version === IPFIX) return { octets: 6, fields: first, scopes: second }
  return { octets: 6, fields: (first >> 2) + (second >> 2), scopes: first >> 2 }
}

function fieldsEnd(view: DataView, at: number, end: number, count: number, version: number): number {
  for (let index = 0; index < count; index++) {
    if (end - at < 4) return -1
    at += version === IPFIX && view.getUint16(at) >= 0x8000 ? 8 : 4
  }
  return at > end ? -1 : at
}

function readFields(
  view: DataView,
  at: number,
  header: FieldsHeader,
  version: number,
  options: boolean,
): TemplateField[] {
  const fields: TemplateField[] = []
  for (let index = 0; index < header.fields; index++) {
    const id = view.getUint16(at)
    const length = view.getUint16(at + 2)
    const scope = options && version !== IPFIX && index < header.scopes
    if (version === IPFIX && id >= 0x8000) {
      fields.push({ id: id - 0x8000, pen: view.getUint32(at + 4), length })
      at += 8
    } else {
      fields.push({ id, pen: scope ? NETFLOW9_SCOPE_PEN : 0, length })
      at += 4
    }
  }
  return fields
}

/** Why a template that was framed well is not taken. */
function refusal(id: number, scopes: number, fields: readonly TemplateField[]): Problem | undefined {
  if (fields.length === 0) return problem('template-empty', `template ${id} has no fields`)
  if (fields.every(field => field.length === 0)) {
    return problem('template-empty', `template ${id}: its records would have no octets`)
  }
  if (fields.length > FIELDS_PER_TEMPLATE) {
    return problem(
      'template-too-large',
      `template ${id} has ${fields.length} fields, the limit is ${FIELDS_PER_TEMPLATE}`,
    )
  }
  if (scopes > fields.length) return problem('template-scopes', `template ${id} has more scopes than fields`)
  return undefined
}

export const isWithdrawal = (found: Template | Withdrawal | Problem): found is Withdrawal => 'withdrawn' in found

/** True when the record is the one that is known already: a refresh. */
export function sameTemplate(known: Template, other: Template): boolean {
  if (known.version !== other.version || known.options !== other.options) return false
  const { octets } = known
  if (octets.length !== other.octets.length) return false
  for (let at = 0; at < octets.length; at++) if (octets[at] !== other.octets[at]) return false
  return true
}

const NETFLOW5_FIELDS: readonly (readonly [id: number, length: number])[] = [
  [8, 4],
  [12, 4],
  [15, 4],
  [10, 2],
  [14, 2],
  [2, 4],
  [1, 4],
  [22, 4],
  [21, 4],
  [7, 2],
  [11, 2],
  [210, 1],
  [6, 1],
  [4, 1],
  [5, 1],
  [16, 2],
  [17, 2],
  [9, 1],
  [13, 1],
  [210, 2],
]

/** The fixed record of NetFlow v5, said as a template. */
export function netflow5Template(): Template {
  const fields = NETFLOW5_FIELDS.map(([id, length]) => ({ id, pen: 0, length }))
  return makeTemplate({ id: 0, version: 5, options: false, scopes: 0, fields, octets: new Uint8Array(0) })
}
