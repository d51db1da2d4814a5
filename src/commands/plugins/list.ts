import { Flags } from '@oclif/core'
import { ManageCommand } from '../../runtime/plugins/manage-command.ts'

export default class PluginsList extends ManageCommand {
  static override summary = 'list plugins, where they are, and their commands'
  static override examples = ['netally plugins list', 'netally plugins list --json']
  static override flags = { json: Flags.boolean({ summary: 'one JSON object a line' }) }

  async run(): Promise<void> {
    const { flags } = await this.parse(PluginsList)
    const { list } = await import('../../runtime/plugins/manage.ts')
    for (const plugin of await list()) {
      const { name, version, kind, commands, problem } = plugin
      if (flags.json) this.log(JSON.stringify(plugin))
      else this.log(`${name} ${version} (${kind}): ${problem ? problem.message : commands.join(' ')}`)
    }
  }
}
