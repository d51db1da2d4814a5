import { Args, Flags } from '@oclif/core'
import { checkMap } from '../../maps/check.ts'
import { KIND_NAMES, type KindName } from '../../maps/kinds.ts'
import { NetallyCommand } from '../../runtime/base-command.ts'
import { checkText } from '../../runtime/map-view.ts'
import { session } from '../../runtime/session.ts'

export default class MapCheck extends NetallyCommand {
  static override summary = 'list what is wrong with map files: rows that cannot be read, rows that nothing gets to'
  static override description =
    `Exits with status 1 when something is wrong. On a terminal it tells what it found; in a pipe, or with --json, each
problem is a JSON object, and a map without problems prints nothing.`
  static override examples = ['netally map check pretag.map', 'netally map check *.map --json | jq .message']
  static override strict = false
  static override usage = 'map check FILE... [FLAGS]'
  static override args = { file: Args.string({ description: 'map file', required: true, ignoreStdin: true }) }
  static override flags = {
    kind: Flags.string({
      summary: 'what kind of map it is (default: guessed from its keys and name)',
      options: [...KIND_NAMES],
    }),
    json: Flags.boolean({ summary: 'NDJSON, one problem a line' }),
  }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(MapCheck)
    const json = flags.json || !process.stdout.isTTY
    let found = 0
    const status = await session('map check', {}, async () => {
      for (const file of argv as string[]) {
        const checked = await checkMap(file, flags.kind as KindName | undefined)
        found += checked.problems.length
        process.stdout.write(checkText(checked, json))
      }
    })
    process.exitCode = status || (found > 0 ? 1 : 0)
  }
}
