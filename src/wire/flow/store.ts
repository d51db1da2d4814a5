// Templates as JSON, for a store on disk: data is decoded from the first message after a restart.
import { isProblem, type Problem } from '../../contract/problem.ts'
import { hexText } from '../../octets/address.ts'
import type { Exporters } from './exporters.ts'
import { emptyHeader, IPFIX, NETFLOW9 } from './message.ts'
import { isWithdrawal, readTemplates } from './template.ts'

const STORE_VERSION = 1

interface StoredTemplate {
  readonly exporter: string
  /** 9 or 10. */
  readonly version: number
  /** Source id or observation domain. */
  readonly domain: number
  readonly options: boolean
  /** The template record, hex. */
  readonly octets: string
}

export function exportTemplates(exporters: Exporters): unknown {
  const templates: StoredTemplate[] = []
  for (const { text, udp } of exporters) {
    for (const [template, { id: domain, version }] of udp.templates()) {
      const { options, octets } = template
      templates.push({ exporter: text, version, domain, options, octets: hexText(octets) })
    }
  }
  return { version: STORE_VERSION, templates }
}

function isStored(value: unknown): value is StoredTemplate {
  if (typeof value !== 'object' || value === null) return false
  const { exporter, version, domain, options, octets } = value as { [key: string]: unknown }
  return (
    typeof exporter === 'string' &&
    (version === NETFLOW9 || version === IPFIX) &&
    typeof domain === 'number' &&
    Number.isInteger(domain) &&
    domain >= 0 &&
    domain <= 0xffff_ffff &&
    typeof options === 'boolean' &&
    typeof octets === 'string' &&
    /^([0-9a-f]{2})+$/.test(octets)
  )
}

/** What several decoders exported, as one. */
export function joinTemplates(parts: Iterable<unknown>): unknown {
  const templates = [...parts].flatMap(part => (part as { templates: StoredTemplate[] }).templates)
  return { version: STORE_VERSION, templates }
}

/** What is stored, dealt out to `count` decoders by exporter: the parts, and who has which. What is damaged goes to the first. */
export function dealTemplates(stored: unknown, count: number): { parts: unknown[]; dealt: Map<string, number> } {
  const dealt = new Map<string, number>()
  const list = typeof stored === 'object' && stored !== null && 'templates' in stored ? stored.templates : undefined
  const none = { version: STORE_VERSION, templates: [] }
  if (!Array.isArray(list) || !list.every(isStored)) {
    return { parts: Array.from({ length: count }, (_, part) => (part === 0 ? stored : none)), dealt }
  }
  for (const { exporter } of list) if (!dealt.has(exporter)) dealt.set(exporter, dealt.size % count)
  const parts = Array.from({ length: count }, (_, part) => ({
    ...(stored as object),
    templates: list.filter(({ exporter }) => dealt.get(exporter) === part),
  }))
  return { parts, dealt }
}

const bad = (message: string): Problem => ({
  note: true,
  code: 'flow/template-store',
  message: `the template store: ${message}`,
  hint: 'delete the file; templates are learned again from the exporters',
})

export function importTemplates(stored: unknown, exporters: Exporters): Problem | number {
  if (typeof stored !== 'object' || stored === null || !('templates' in stored)) return bad('it has no templates')
  if (!('version' in stored) || stored.version !== STORE_VERSION) return bad(`it is not of version ${STORE_VERSION}`)
  if (!Array.isArray(stored.templates)) return bad('its templates are no list')
  let count = 0
  for (const entry of stored.templates) {
    if (!isStored(entry)) return bad(`entry ${count} is no template`)
    const problem = importTemplate(entry, exporters)
    if (problem) return bad(`entry ${count}: ${problem.message}`)
    count++
  }
  return count
}

function importTemplate(entry: StoredTemplate, exporters: Exporters): Problem | undefined {
  const state = exporters.get({ address: entry.exporter, port: 0, family: entry.exporter.includes(':') ? 6 : 4 }, 0)
  const header = { ...emptyHeader(), version: entry.version, sysid: entry.domain, domain: entry.domain }
  if (!state) return undefined // counted as a limit
  const domain = exporters.domain(state, header, undefined)
  const octets = Uint8Array.from(entry.octets.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
  let refused: Problem | undefined
  const problem = readTemplates(
    octets,
    new DataView(octets.buffer),
    0,
    octets.length,
    entry.version,
    entry.options,
    found => {
      if (isProblem(found)) refused = found
      else if (!isWithdrawal(found)) domain.session.put(domain, found)
    },
  )
  return problem ?? refused
}
