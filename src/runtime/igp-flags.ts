// Flags that commands of IGPs have in common.
import { Flags } from '@oclif/core'

const OUTPUT = { helpGroup: 'OUTPUT' }

/** `where` says what else there is to read. */
export const captureFlag = (where: string) =>
  Flags.string({
    summary: `read a capture (pcap or pcapng, gz, zst)${where}; - is standard input; repeat for more`,
    helpValue: 'FILE',
    multiple: true as const,
    multipleNonGreedy: true,
    helpGroup: 'CAPTURE',
  })

/** `domain` is that of who has only one. */
export const igpOutputFlags = (command: string, protocol: string, domain: string, unit: string) => ({
  domain: Flags.string({
    summary: `name of the IGP domain: tells databases of several ${command} apart`,
    helpValue: 'NAME',
    default: domain,
    ...OUTPUT,
  }),
  'local-as': Flags.integer({
    summary: `AS of the routers, for local_asn; ${protocol} does not say it`,
    helpValue: 'AS',
    min: 1,
    max: 2 ** 32 - 1,
    ...OUTPUT,
  }),
  pdus: Flags.boolean({ summary: `a record for each ${unit}, instead of what they change`, ...OUTPUT }),
})
