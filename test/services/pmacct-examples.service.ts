// The example maps that come with pmacct are read as they are.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { checkMap } from '../../src/maps/check.ts'
import type { KindName } from '../../src/maps/kinds.ts'

/** Where Debian's package puts them, below the folder of its machine. */
const LIBRARIES = '/usr/lib'
const folder = readdirSync(LIBRARIES)
  .map(name => join(LIBRARIES, name, 'pmacct', 'examples'))
  .find(path => existsSync(path))

const EXAMPLES: { readonly [file: string]: KindName } = {
  'pretag.map': 'pre_tag_map',
  'sampling.map': 'sampling_map',
  'bgp_agent.map': 'bgp_agent_map',
  'flow_to_rd.map': 'flow_to_rd_map',
  'peers.map': 'bgp_peer_src_as_map',
  'bgp_xconnects.map': 'bgp_daemon_xconnect_map',
  'networks.lst': 'networks_file',
  'ports.lst': 'ports_file',
  'allow.lst': 'allow_file',
  'primitives.lst': 'aggregate_primitives',
  'bgp_md5.lst': 'bgp_daemon_md5_file',
}
/** A slip in pmacct's own example: it means engine_id. */
const SLIP = /engine_set_tag=0: no such key/

describe("pmacct's examples", () => {
  for (const [file, kind] of Object.entries(EXAMPLES)) {
    it(file, { skip: folder === undefined ? 'the examples of pmacct are not installed' : false }, async () => {
      const checked = await checkMap(join(folder as string, `${file}.example`))
      assert.equal(checked.kind, kind)
      assert.ok(checked.map)
      const bad = checked.problems.filter(({ code, message }) => code === 'maps/bad-row' && !SLIP.test(message))
      assert.deepEqual(
        bad.map(({ message }) => message),
        [],
      )
    })
  }
})
