import { NetallyCommand } from '../runtime/base-command.ts'
import { SESSION_FLAGS } from '../runtime/command.ts'
import { RIB_FLAGS, ribRequest } from '../runtime/rib-flags.ts'
import { showRib } from '../runtime/rib-view.ts'
import { session } from '../runtime/session.ts'

export default class Rib extends NetallyCommand {
  static override summary =
    'look routes up in a table dump, in a stream of BGP or BMP records, or where dump --serve has them'
  static override description =
    `The source is a file (NDJSON, may be gz or zst), unix:PATH of a dump --table --serve, or standard input, which is read to
its end. Without a prefix or address, all routes are meant. Exits with status 1 when there is none.`
  static override usage = 'rib [FILE|unix:PATH|-] [PREFIX|ADDRESS] [FLAGS]'
  static override examples = [
    'netally rib table.json 192.0.2.1',
    'netally rib unix:/run/netally/rib.sock 192.0.2.0/24 --more-specific --peer 203.0.113.1',
    'netally rib table.json.gz --origin-as 64496 | wc -l',
    'netally rib table.json --peers',
  ]
  static override strict = false
  static override flags = { ...RIB_FLAGS, ...SESSION_FLAGS }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Rib)
    const status = await session('rib', flags, async makeHost => {
      const host = makeHost('rib')
      host.strict = flags.strict === true
      await showRib(ribRequest(argv as string[], flags), flags.json === true, host)
    })
    process.exitCode = status
  }
}
