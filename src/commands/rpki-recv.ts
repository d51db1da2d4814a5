import { sourceCommand } from '../runtime/command.ts'
import { RPKI_FLAGS, rpkiOptions } from '../runtime/rpki-flags.ts'
import { openRpki } from '../sources/rpki/rpki.ts'

export default sourceCommand({
  summary: 'receive ROAs, ASPAs and router keys of the RPKI; write one record each',
  description: `Asks caches by RTR (RFC 6810, RFC 8210, draft-ietf-sidrops-8210bis), the next one where one fails, or reads files of validators.
Writes NDJSON: update, withdraw and delete for what changes, end-of-data where a set of changes is complete.`,
  examples: [
    'netally rpki-recv --rtr 192.0.2.1:8282 --rtr rtr.example.net',
    'netally rpki-recv --rtr rtr.example.net --tls',
    'netally rpki-recv --file /var/lib/rpki-client/json',
    'netally flow-recv | netally enrich --bgp <(netally bgp-recv) --rpki <(netally rpki-recv --rtr 192.0.2.1)',
  ],
  flags: RPKI_FLAGS,
  prepare: rpkiOptions,
  open: openRpki,
})
