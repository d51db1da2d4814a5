// What happens to a template, or to its withdrawal, once it was read.
import type { Host } from '../../contract/host.ts'
import type { Domain } from './domain.ts'
import { isWithdrawal, type Template, type Withdrawal } from './template.ts'

/** RFC 7011 section 8.1: these ids withdraw every template, every options template. */
const ALL_TEMPLATES = 2
const ALL_OPTIONS_TEMPLATES = 3

export function takeTemplate(domain: Domain, found: Template | Withdrawal, host: Host): void {
  if (isWithdrawal(found)) withdraw(domain, found.withdrawn, host)
  else {
    const { outcome, evicted } = domain.session.put(domain, found)
    if (outcome !== 'known') host.count(`templates-${outcome}`)
    if (evicted > 0) host.count('templates-evicted', evicted)
  }
}

function withdraw(domain: Domain, id: number, host: Host): void {
  const all = id === ALL_TEMPLATES || id === ALL_OPTIONS_TEMPLATES
  const gone = [...domain.templates.values()].filter(template =>
    all ? template.options === (id === ALL_OPTIONS_TEMPLATES) : template.id === id,
  )
  for (const template of gone) domain.session.remove(domain, template)
  if (gone.length > 0) host.count('templates-withdrawn', gone.length)
}
