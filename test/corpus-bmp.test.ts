// BMP sessions with known results that lie beside the repository (../shared/corpus, or NETALLY_CORPUS): captures of
// pmacct's and NetGauze's own tests, and what those make of them.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { REPOSITORY, records, scratch, shell } from './support/cli.ts'

const CORPUS = process.env.NETALLY_CORPUS ?? join(REPOSITORY, '..', 'shared', 'corpus')
const CASES = join(CORPUS, 'cases')
const EXPECTED = 'expected.bmp.ndjson'

type Row = Record<string, unknown>

interface Meta {
  readonly id: string
  readonly protocol: readonly string[]
  readonly ports: readonly number[]
  readonly assertable: readonly string[]
  readonly options?: { readonly [name: string]: string }
}

/** pmacct's switches as ours. */
const ENCODINGS: { readonly [option: string]: string } = {
  as_path_encode_as_array: 'as_path=array',
  bgp_comms_encode_as_array: 'comms=array',
}

/** The line that does what the case's pmacct configuration did. */
function line({ ports, options = {} }: Meta): string {
  const encode = Object.keys(ENCODINGS).filter(option => options[option]?.toLowerCase() === 'true')
  const form = encode.length > 0 ? ` --encode ${encode.map(option => ENCODINGS[option]).join(',')}` : ''
  return `netally bmp-recv --pcap input.pcap ${ports.map(port => `--tcp-port ${port}`).join(' ')} --compat pmacct${form}`
}

const without = (row: Row, ...names: readonly string[]): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)))

/** What tells a withdrawn route: pmacct adds the attributes that its table had. */
const WITHDRAWN = ['log_type', 'afi', 'safi', 'ip_prefix', 'rd', 'peer_ip', 'bmp_rib_type', 'is_post']
const withdrawals = (rows: readonly Row[]): Set<string> =>
  new Set(
    rows
      .filter(row => row.log_type === 'withdraw')
      .map(row => JSON.stringify(WITHDRAWN.map(name => String(row[name] ?? '')))),
  )

/**
 * Rows as both sides have them. Not asked of a stream without a table are routes of a peer that went down (`delete`), and
 * whether a withdrawn route was there. FRR's Loc-RIB peer has OPENs of AS 0 without the four-octet capability, from which
 * pmacct takes its AS and the width of its paths: RFC 9069 gives it both in the per-peer header. The peer wrote the same
 * IPv4-mapped next hop now dotted, now mapped, and of 206 left out bgp_id.
 */
function comparable(id: string, rows: readonly Row[]): Row[] {
  return rows
    .filter(({ log_type }) => log_type !== 'delete' && log_type !== 'withdraw')
    .map(row =>
      row.peer_ip === '0.0.0.0' && row.bmp_msg_type === 'route_monitor' ? without(row, 'as_path', 'peer_asn') : row,
    )
    .map(row => (id.startsWith('pm-206-') && row.bmp_msg_type === 'route_monitor' ? without(row, 'bgp_id') : row))
    .map(row => ({ ...row, bgp_nexthop: row.bgp_nexthop && String(row.bgp_nexthop).replace('::ffff:', '') }))
}

const text = (rows: readonly Row[]): string => rows.map(row => `${JSON.stringify(row)}\n`).join('')

function metas(): Meta[] {
  return globSync('*/meta.json', { cwd: CASES })
    .sort()
    .map(path => JSON.parse(readFileSync(join(CASES, path), 'utf8')) as Meta)
    .filter(meta => meta.protocol.includes('bmp') && meta.assertable.includes('bmp'))
}

const python = spawnSync('python3', ['--version']).status === 0
const skip =
  (!existsSync(CASES) && 'no corpus beside the repository; NETALLY_CORPUS names another place') ||
  (!python && 'compare.py needs python3')

describe('corpus, BMP', { concurrency: 2, skip }, () => {
  for (const meta of skip ? [] : metas()) {
    it(meta.id, async context => {
      const folder = join(CASES, meta.id)
      const words = line(meta)
      const { stdout, stderr, status } = await shell(words, '', { cwd: folder })
      assert.equal(status, 0, stderr)
      let expected = records(readFileSync(join(folder, EXPECTED), 'utf8'))
      let ours = records(stdout)
      if (meta.id.startsWith('pm-')) {
        const told = withdrawals(ours)
        for (const withdrawn of withdrawals(expected)) assert.ok(told.has(withdrawn), `${withdrawn} was not told`)
        expected = comparable(meta.id, expected)
        ours = comparable(meta.id, ours)
      }
      const copy = scratch(context)
      copyFileSync(join(folder, 'meta.json'), join(copy, 'meta.json'))
      writeFileSync(join(copy, EXPECTED), text(expected))
      writeFileSync(join(copy, 'actual.ndjson'), text(ours))
      const compare = [join(CORPUS, 'compare.py'), copy, 'bmp', join(copy, 'actual.ndjson')]
      const compared = spawnSync('python3', compare, { encoding: 'utf8' })
      assert.equal(compared.status, 0, `${words}\n${compared.stdout}${compared.stderr}${stderr}`)
    })
  }
})
