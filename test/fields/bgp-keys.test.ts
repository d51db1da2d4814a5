// Every key that a record of BGP or BMP can have has a row, so that filters, --fields, CSV and SQL know it.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { knownField } from '../../src/fields/dictionary.ts'
import { LINK_STATE_TLVS } from '../../src/wire/bgp/attributes/bgp-ls-table.ts'
import { ATTRIBUTE_KEYS, ROUTE_FIELD_KEYS, ROUTE_KEYS } from '../../src/wire/bgp/route-keys.ts'
import { ROUTE_ENVELOPE } from '../../src/wire/bmp/records.ts'
import { REPOSITORY } from '../support/cli.ts'

const unknown = (keys: Iterable<string>): string[] => [...new Set(keys)].filter(key => !knownField(key)).sort()

test('the keys of tables', () => {
  const keys = [...ATTRIBUTE_KEYS, ...ROUTE_FIELD_KEYS, ...ROUTE_KEYS, ...ROUTE_ENVELOPE]
  assert.deepEqual(unknown([...keys, ...[...LINK_STATE_TLVS.values()].map(({ key }) => key)]), [])
})

/** Words with an underscore that are no key of a record: values, counters, names inside of a value or of pmacct's maps. */
const NO_KEYS = new Set(
  `log_init log_close peer_up peer_down route_monitor route_mirror session_messages session_peers bgp_src bgp_dst src_port dst_port
  label_field locator_block locator_node transposition_offset vrf_table_name admin_label
  extended_flags path_marking sequence_number stateless_parsing bmp_peer_up_info bmp_peer_down_info bmp_init_info bmp_term_info bmp_rm_info_ attr_ nlri_`.split(
    /\s+/,
  ),
)
const SOURCES = globSync('src/{wire,sources}/{bgp,bmp}/**/*.ts', { cwd: REPOSITORY })

test('what the source says in the form of a key', () => {
  assert.ok(SOURCES.length > 50)
  const words = SOURCES.flatMap(file =>
    [...readFileSync(join(REPOSITORY, file), 'utf8').matchAll(/\b[a-z][a-z0-9]*_[a-z0-9_]*[a-z0-9]?\b/g)].map(
      ([word]) => word,
    ),
  )
  assert.deepEqual(
    unknown(words).filter(word => !NO_KEYS.has(word)),
    [],
  )
})

test('TLVs that have names make keys that have rows', () => {
  for (const file of ['peer-up', 'peer-down', 'session-messages']) {
    const text = readFileSync(join(REPOSITORY, 'src/wire/bmp', `${file}.ts`), 'utf8')
    const lists = [...text.matchAll(/prefix: '(\w+)',\s*names: \{([^}]*)\}/g)]
    assert.ok(lists.length > 0)
    const keys = lists.flatMap(([, prefix, names = '']) =>
      [...names.matchAll(/'(\w+)'/g)].map(([, name]) => `${prefix}_${name}`),
    )
    assert.deepEqual(unknown(keys), [])
  }
})
