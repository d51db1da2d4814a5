import { NetallyCommand } from '../runtime/base-command.ts'
import { SESSION_FLAGS } from '../runtime/command.ts'
import { session } from '../runtime/session.ts'
import { runSlice, SLICE_FLAGS } from '../runtime/slice-run.ts'

export default class SliceCommand extends NetallyCommand {
  static override summary = 'write just the packets of captures that stand behind records, as pcap'
  static override description =
    `A record means the packets with its frame_number, or else with its addresses, ports and protocol (as many of these as it has)
between timestamp_start and timestamp_end; both directions where it has packets_reverse. A record of flow-recv means the datagram it
came in, too. Standard output is a pcap file.`
  static override usage = 'slice CAPTURE... [--records FILE] > slice.pcap'
  static override examples = [
    "netally packet-recv --pcap a.pcap --flows | netally filter 'bytes > 1e6' | netally slice a.pcap > big.pcap",
    "netally flow-recv --pcap exporters.pcap | netally filter 'as_dst = 64496' | netally slice exporters.pcap --templates > some.pcap",
    'netally slice monday.pcap.gz tuesday.pcap.gz --records suspicious.ndjson --slack 1s | tcpdump -r -',
  ]
  static override strict = false
  static override flags = { ...SLICE_FLAGS, ...SESSION_FLAGS }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(SliceCommand)
    const captures = argv as string[]
    const status = await session('slice', flags, async makeHost => {
      const host = makeHost('slice')
      host.strict = flags.strict === true
      await runSlice({ captures, records: flags.records, slack: flags.slack, templates: flags.templates }, host)
    })
    process.exitCode = status
  }
}
