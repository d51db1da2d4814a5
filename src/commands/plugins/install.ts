import { Args } from '@oclif/core'
import { ManageCommand } from '../../runtime/plugins/manage-command.ts'

export default class PluginsInstall extends ManageCommand {
  static override summary = 'install plugins, or newer versions of them'
  static override description =
    `npm installs them, into a folder of their own (NETALLY_DATA_DIR, else netally in the user's data folder). A package is named as for npm:
NAME, NAME@VERSION, a tarball, a folder, an address of git.`
  static override examples = [
    'netally plugins install netally-plugin-sink-kafka',
    'netally plugins install ./netally-plugin-hello-1.0.0.tgz',
  ]
  static override args = { package: Args.string({ description: 'what to install', required: true, ignoreStdin: true }) }
  static override strict = false

  async run(): Promise<void> {
    const { argv } = await this.parse(PluginsInstall)
    const { install } = await import('../../runtime/plugins/manage.ts')
    for (const { name, version } of await install(argv as string[])) this.log(`${name} ${version} is installed`)
  }
}
