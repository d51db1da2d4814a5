// The templates that each exporter sent last, so that a receiver that is new need not wait for them.
import type { Host } from '../../contract/host.ts'
import { isProblem } from '../../contract/problem.ts'
import { emptyHeader, HEADER_OCTETS, IPFIX, NETFLOW9, readHeader } from '../../wire/flow/message.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import { readTemplates, type Template } from '../../wire/flow/template.ts'

/** Exporters' domains with templates; the one that was not heard for longest goes: `templates-forgotten`. */
const DOMAINS = 10_000
/** Octets of templates of one domain; more are not kept: `templates-not-kept`. */
const OCTETS_PER_DOMAIN = 65_536
const SET_HEADER_OCTETS = 4
const FIRST_DATA_SET = 256
/** Messages made here stay below the smallest MTU that is used for flows. */
const MESSAGE_OCTETS = 1400

interface Domain {
  readonly exporter: Exporter
  readonly version: number
  /** Header of the newest message. */
  header: Uint8Array
  readonly templates: Map<number, Template>
  octets: number
}

export class TemplateKeeper {
  readonly #domains = new Map<string, Domain>()
  readonly #header = emptyHeader()
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  get size(): number {
    return this.#domains.size
  }

  template(exporter: Exporter, version: number, domain: number, id: number): Template | undefined {
    return this.#domains.get(keyOf(exporter, version, domain))?.templates.get(id)
  }

  /** Takes the templates of a message, if it has some. */
  see(octets: Uint8Array, view: DataView, start: number, end: number, exporter: Exporter): void {
    if (end - start < 20) return
    const version = view.getUint16(start)
    if (version !== NETFLOW9 && version !== IPFIX) return
    const header = this.#header
    const content = readHeader(view, start, end, header)
    if (isProblem(content)) return
    const first = version === IPFIX ? 2 : 0
    const headerOctets = HEADER_OCTETS[version] as number
    // What is sent again has the newest sequence number: nothing seems to be lost after it.
    const known = this.#domains.get(keyOf(exporter, version, header.domain))
    known?.header.set(octets.subarray(start, start + headerOctets))
    let at = start + headerOctets
    while (content - at >= SET_HEADER_OCTETS) {
      const id = view.getUint16(at)
      const next = at + view.getUint16(at + 2)
      if (next < at + SET_HEADER_OCTETS || next > content) return
      if (id < FIRST_DATA_SET && (id === first || id === first + 1)) {
        const domain = this.#domain(exporter, version, header.domain)
        domain.header = Uint8Array.from(octets.subarray(start, start + headerOctets))
        this.#take(domain, octets, view, at + SET_HEADER_OCTETS, next, id === first + 1)
      }
      at = next
    }
  }

  #domain(exporter: Exporter, version: number, number: number): Domain {
    const key = keyOf(exporter, version, number)
    const known = this.#domains.get(key)
    const domain = known ?? { exporter, version, header: new Uint8Array(0), templates: new Map(), octets: 0 }
    if (known) this.#domains.delete(key)
    else if (this.#domains.size >= DOMAINS) {
      this.#domains.delete(this.#domains.keys().next().value as string)
      this.#host.count('templates-forgotten')
    }
    this.#domains.set(key, domain)
    return domain
  }

  #take(domain: Domain, octets: Uint8Array, view: DataView, at: number, end: number, options: boolean): void {
    readTemplates(octets, view, at, end, domain.version, options, found => {
      if ('withdrawn' in found) this.#withdraw(domain, found.withdrawn)
      else if ('id' in found) {
        this.#remove(domain, found.id)
        if (domain.octets + found.octets.length > OCTETS_PER_DOMAIN) return this.#host.count('templates-not-kept')
        domain.templates.set(found.id, found)
        domain.octets += found.octets.length
      }
    })
  }

  #withdraw(domain: Domain, id: number): void {
    const all = id === 2 || id === 3
    for (const [known, { options }] of domain.templates) {
      if (known === id || (all && options === (id === 3))) this.#remove(domain, known)
    }
  }

  #remove(domain: Domain, id: number): void {
    domain.octets -= domain.templates.get(id)?.octets.length ?? 0
    domain.templates.delete(id)
  }

  /** Messages with all templates, each with the header of the exporter's newest. */
  *messages(): Generator<{ readonly octets: Uint8Array; readonly exporter: Exporter }> {
    for (const domain of this.#domains.values()) {
      let templates: Template[] = []
      let size = 0
      for (const template of domain.templates.values()) {
        if (templates.length > 0 && size + template.octets.length > MESSAGE_OCTETS) {
          yield { octets: message(domain, templates), exporter: domain.exporter }
          templates = []
          size = 0
        }
        templates.push(template)
        size += template.octets.length + SET_HEADER_OCTETS
      }
      if (templates.length > 0) yield { octets: message(domain, templates), exporter: domain.exporter }
    }
  }
}

const keyOf = ({ address, port }: Exporter, version: number, domain: number): string =>
  `${address} ${port} ${version} ${domain}`

/** Each template in a set of its own, padded to words. */
function message({ version, header }: Domain, templates: readonly Template[]): Uint8Array {
  const padded = templates.map(({ octets }) => (octets.length + 3) & ~3)
  const total = padded.reduce((sum, octets) => sum + octets + SET_HEADER_OCTETS, header.length)
  const made = new Uint8Array(total)
  const view = new DataView(made.buffer)
  made.set(header)
  // v9 counts records, IPFIX octets.
  view.setUint16(2, version === IPFIX ? total : templates.length)
  let at = header.length
  for (const [index, { octets, options }] of templates.entries()) {
    const length = SET_HEADER_OCTETS + (padded[index] as number)
    view.setUint16(at, (version === IPFIX ? 2 : 0) + (options ? 1 : 0))
    view.setUint16(at + 2, length)
    made.set(octets, at + SET_HEADER_OCTETS)
    at += length
  }
  return made
}
