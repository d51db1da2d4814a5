import { NetallyCommand } from '../runtime/base-command.ts'
import { SESSION_FLAGS } from '../runtime/command.ts'
import { PROXY_FLAGS, proxyOptions } from '../runtime/proxy-flags.ts'
import { session } from '../runtime/session.ts'
import { BgpProxy } from '../sources/bgp/proxy.ts'

export default class BgpProxyCommand extends NetallyCommand {
  static override summary = 'pass BGP (or any TCP) connections on to collectors, by the address of the peer'
  static override description =
    `Each connection is passed on, octet by octet in both directions, to the collector that the map names for the peer.
Peers that no row holds are refused. The map is read again when its file changes, and on SIGHUP; connections that are open stay.`
  static override examples = [
    'netally bgp-proxy --listen 179 --map peers.map',
    'netally bgp-proxy --listen 192.0.2.1:11019 --map stations.map --proxy-header',
  ]
  static override flags = { ...PROXY_FLAGS, ...SESSION_FLAGS }

  async run(): Promise<void> {
    const { flags } = await this.parse(BgpProxyCommand)
    const status = await session('bgp-proxy', flags, async makeHost => {
      const host = makeHost('bgp-proxy')
      await host.follow(flags.map)
      await new BgpProxy(await proxyOptions(flags), host).run()
    })
    process.exitCode = status
    setImmediate(() => process.exit(status))
  }
}
