import { NetallyCommand } from '../runtime/base-command.ts'
import { SESSION_FLAGS } from '../runtime/command.ts'
import { REPLAY_FLAGS, replayOptions } from '../runtime/replay-flags.ts'
import { session } from '../runtime/session.ts'
import { runReplay } from '../sources/replay.ts'

export default class ReplayCommand extends NetallyCommand {
  static override summary = 'send the flow datagrams of captures again'
  static override description =
    `At the pace of the capture unless told otherwise; to loopback unless --anywhere is given. On loopback (IPv4) each exporter
sends from an address of its own, 127.0.1.1 and so on, in the order of the capture; from the port that it had where that is free.`
  static override usage = 'replay CAPTURE... [FLAGS]'
  static override examples = [
    'netally replay exporters.pcap.gz --to 127.0.0.1:2055 --speed 10',
    'netally replay nf9.pcap --rate 20000 --loop 0',
  ]
  static override strict = false
  static override flags = { ...REPLAY_FLAGS, ...SESSION_FLAGS }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ReplayCommand)
    const status = await session('replay', flags, async makeHost => {
      const host = makeHost('replay')
      await runReplay(await replayOptions(argv as string[], flags), host)
    })
    process.exitCode = status
  }
}
