// Configurations of GoBGP: one speaker and its neighbours.

export interface GobgpNeighbor {
  /** Where it is, and our address towards it. */
  readonly address: string
  readonly port: number
  readonly from: string
  readonly as: number
  readonly families?: readonly string[]
  /** Families that are sent with path identifiers. */
  readonly addPath?: readonly string[]
  /** Further lines of the tables `config`, `timers.config` and `transport.config`, and further tables. */
  readonly config?: string
  readonly timers?: string
  readonly transport?: string
  readonly more?: string
}

function family(name: string, addPath: boolean): string {
  const paths = addPath ? '  [neighbors.afi-safis.add-paths.config]\n   send-max = 8\n' : ''
  return ` [[neighbors.afi-safis]]\n  [neighbors.afi-safis.config]\n   afi-safi-name = "${name}"\n${paths}`
}

function neighborText(neighbor: GobgpNeighbor): string {
  const { families = [], addPath = [], config = '', timers = '', transport = '', more = '' } = neighbor
  return `[[neighbors]]
 [neighbors.config]
  neighbor-address = "${neighbor.address}"
  peer-as = ${neighbor.as}
${config}
 [neighbors.timers.config]
  connect-retry = 1
  idle-hold-time-after-reset = 1
${timers}
 [neighbors.transport.config]
  remote-port = ${neighbor.port}
  local-address = "${neighbor.from}"
${transport}
${more}
${families.map(name => family(name, addPath.includes(name))).join('')}`
}

/** A speaker that listens nowhere unless `listen` says where. */
export function gobgpText(
  global: { readonly as: number; readonly id: string; readonly listen?: { address: string; port: number } },
  ...neighbors: readonly GobgpNeighbor[]
): string {
  const { listen } = global
  return `[global.config]
 as = ${global.as}
 router-id = "${global.id}"
 port = ${listen?.port ?? -1}
${listen ? ` local-address-list = ["${listen.address}"]` : ''}
${neighbors.map(neighborText).join('\n')}`
}
