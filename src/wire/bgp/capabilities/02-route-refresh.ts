// Capability 2, Route Refresh: no value.
import type { CapabilityRow } from './capability.ts'

export const routeRefresh: CapabilityRow = {
  code: 2,
  name: 'route-refresh',
  reference: 'RFC 2918 section 2',
  read: (_view, start, end, into) => {
    into.routeRefresh ||= start === end
    return start === end
  },
  write: from => (from.routeRefresh ? [[]] : []),
}
