// How much RPKI data there is.
import type { Reading } from '../../contract/host.ts'
import type { RpkiSet } from '../../lookup/rpki-set.ts'

export function readings({ roas, aspas, routerKeys }: RpkiSet): Reading[] {
  return [
    { name: 'rpki-entries', labels: { type: 'roa' }, value: roas.size },
    { name: 'rpki-entries', labels: { type: 'aspa' }, value: aspas.size },
    { name: 'rpki-entries', labels: { type: 'router-key' }, value: routerKeys },
  ]
}
