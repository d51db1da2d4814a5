import { Args, Flags } from '@oclif/core'
import { checkMap } from '../../maps/check.ts'
import { KIND_NAMES, type KindName } from '../../maps/kinds.ts'
import { NetallyCommand } from '../../runtime/base-command.ts'
import { checkText, recordsToTry, trialText } from '../../runtime/map-view.ts'
import { session } from '../../runtime/session.ts'

export default class MapTest extends NetallyCommand {
  static override summary = 'say which row of a map each record hits and why, and which rows it nearly hits'
  static override description =
    `Records come from --record or, as NDJSON, from standard input. A row that cannot be read is told on standard error; the
others are asked.`
  static override examples = [
    `netally map test pretag.map --record '{"peer_ip_src":"192.0.2.1","iface_in":5}'`,
    'head -n 20 flows.ndjson | netally map test pretag.map --json',
  ]
  static override args = { file: Args.string({ description: 'map file', required: true, ignoreStdin: true }) }
  static override flags = {
    record: Flags.string({
      summary: 'a record as JSON; repeat for more',
      helpValue: 'JSON',
      multiple: true,
      multipleNonGreedy: true,
    }),
    kind: Flags.string({
      summary: 'what kind of map it is (default: guessed from its keys and name)',
      options: [...KIND_NAMES],
    }),
    json: Flags.boolean({ summary: 'NDJSON, one record a line' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MapTest)
    const json = flags.json || !process.stdout.isTTY
    let bad = false
    const status = await session('map test', {}, async makeHost => {
      const checked = await checkMap(args.file, flags.kind as KindName | undefined)
      const wrong = checked.problems.filter(problem => problem.code !== 'maps/unreachable-row')
      bad = wrong.length > 0
      if (bad) process.stderr.write(checkText({ ...checked, problems: wrong }, false))
      if (!checked.map) return
      let number = 0
      for await (const record of recordsToTry(flags.record ?? [], makeHost('map test')))
        process.stdout.write(trialText(checked.kind, checked.map, ++number, record, json))
    })
    process.exitCode = status || (bad ? 1 : 0)
  }
}
