// NAT and firewall events (RFC 8158, Cisco NEL and NSEL): records that report something that happened, often without counters.
import type { Planner } from './planner.ts'

const EVENT_ELEMENTS = [230, 233, 40005, 33002]
const COUNTER_ELEMENTS = [1, 2, 23, 24, 85, 86, 231, 232, 298, 299, 352]

/** True when the template has an event and nothing that counts. */
export function isEvent(planner: Planner): boolean {
  return EVENT_ELEMENTS.some(id => planner.has(id)) && !COUNTER_ELEMENTS.some(id => planner.has(id))
}
