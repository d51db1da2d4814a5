import { NetallyCommand } from '../runtime/base-command.ts'
import { SESSION_FLAGS } from '../runtime/command.ts'
import { session } from '../runtime/session.ts'
import { TEE_FLAGS, teeOptions } from '../runtime/tee-flags.ts'
import { runTee } from '../sources/tee/tee.ts'

export default class TeeCommand extends NetallyCommand {
  static override summary = 'send UDP datagrams of exporters on to several receivers, to Kafka and from there'
  static override description =
    `Each datagram goes to every pool, and there to all receivers, or to one chosen by turns, by the exporter or by the tag.
Receivers, maps and allow list are read again when their files change, and on SIGHUP; no datagram is lost by that.`
  static override examples = [
    'netally tee --listen 2055 --to 192.0.2.1:2055 --to 192.0.2.2:2055',
    'netally tee --listen 2055 --to 192.0.2.1:2055,192.0.2.2:2055,192.0.2.3:2055 --balance hash-agent',
    'netally tee --listen 2055 --receivers tee.lst --pre-tag-map exporters.map',
    'netally tee --listen 2055 --to 192.0.2.1:2055 --transparent --user netally',
    'netally tee --listen 2055 --to 192.0.2.1:2055 --to kafka://kafka1:9092/datagrams',
    'netally tee --from kafka://kafka1:9092/datagrams --group lab --to 192.0.2.9:2055',
  ]
  static override flags = { ...TEE_FLAGS, ...SESSION_FLAGS }

  async run(): Promise<void> {
    const { flags } = await this.parse(TeeCommand)
    const status = await session('tee', flags, async makeHost => {
      const host = makeHost('tee')
      for (const file of [flags.receivers, flags['pre-tag-map'], flags.allow])
        if (file !== undefined) await host.follow(file)
      await runTee(await teeOptions(flags), host)
    })
    process.exitCode = status
    setImmediate(() => process.exit(status))
  }
}
