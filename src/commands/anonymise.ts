import { anonymiseOperator } from '../operators/anonymise.ts'
import { ANONYMISE_FLAGS, anonymiseOptions } from '../runtime/anonymise-flags.ts'
import { operatorCommand } from '../runtime/command.ts'

export default operatorCommand({
  summary: 'replace addresses by others, so that records can be given away',
  description: `Crypto-PAn: the same address becomes the same other one, and addresses of one prefix stay in one prefix, as long as the key is
the same. Every address is replaced wherever it stands: in any field, in lists, in texts. Times, sizes, ports and AS numbers stay.`,
  examples: [
    'head -c 32 /dev/urandom > key.bin && netally anonymise --key-file key.bin < flows.ndjson > share.ndjson',
    'netally anonymise --key-file key.bin --keep 198.51.100.0/24 --remove username,label < flows.ndjson',
    "netally run 'flow-recv --pcap customer.pcap | anonymise --key-file key.bin | dump --file share.csv'",
  ],
  flags: ANONYMISE_FLAGS,
  prepare: anonymiseOptions,
  ...anonymiseOperator,
  inWorkers: () => 'each',
})
