// Capability 70, Enhanced Route Refresh: no value.
import type { CapabilityRow } from './capability.ts'

export const enhancedRouteRefresh: CapabilityRow = {
  code: 70,
  name: 'enhanced-route-refresh',
  reference: 'RFC 7313 section 3.1',
  read: (_view, start, end, into) => {
    into.enhancedRouteRefresh ||= start === end
    return start === end
  },
  write: from => (from.enhancedRouteRefresh ? [[]] : []),
}
