import { reconcileOperator } from '../operators/reconcile.ts'
import { operatorCommand } from '../runtime/command.ts'
import { RECONCILE_FLAGS, reconcileOptions } from '../runtime/reconcile-flags.ts'
import { reconcileView } from '../runtime/reconcile-view.ts'

export default operatorCommand({
  summary: 'set sums of flows against counters of interfaces: the ratio of each interface, and why it is not 1',
  description: `Flows and counters (sFlow, telemetry as --flat leaves, IF-MIB names) are compared by exporter, interface, direction and window;
at the end there is a record for the whole. Causes are told from what records show: sampling rates, directions, address families,
time without flows, sequence numbers. See docs/reconcile.md.`,
  examples: [
    'netally flow-recv --pcap sflow.pcap --counters | netally reconcile --table',
    'netally flow-recv --listen 2055 | netally reconcile --counters <(netally telemetry-recv --listen 10003 --flat)',
    'netally reconcile --totals --counters counters.ndjson < flows.ndjson | jq \'select(.cause != "agrees")\'',
  ],
  flags: RECONCILE_FLAGS,
  followed: ['counter-map', 'interface-map'],
  prepare: reconcileOptions,
  text: ({ asTable }) => (asTable ? reconcileView : undefined),
  ...reconcileOperator,
})
