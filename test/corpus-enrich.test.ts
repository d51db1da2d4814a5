// Captures with flows and routing that lie beside the repository (../shared/corpus, or NETALLY_CORPUS), and what pmacct
// makes of them: sums over fields that its BGP or BMP thread filled. Piped and fused.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { netally, REPOSITORY, scratch, shell } from './support/cli.ts'

const CORPUS = process.env.NETALLY_CORPUS ?? join(REPOSITORY, '..', 'shared', 'corpus')
const CASES = join(CORPUS, 'cases')
const ROUTING = ['bgp', 'bmp'] as const

interface Meta {
  readonly id: string
  readonly protocol: readonly string[]
  readonly assertable: readonly string[]
  readonly aggregate?: readonly string[] | null
  readonly options?: { readonly [name: string]: string }
}

/** pmacct's switches as ours. */
const ENCODINGS: { readonly [option: string]: string } = {
  as_path_encode_as_array: 'as_path=array',
  bgp_comms_encode_as_array: 'comms=array',
  tcpflags_encode_as_array: 'tcp_flags=array',
  fwd_status_encode_as_string: 'fwd_status=text',
  mpls_label_stack_encode_as_array: 'mpls_label_stack=array',
  pre_tag_label_encode_as_map: 'label=map',
}
/** Options of pmacct that name a map, and our flags for them. */
const MAPS: { readonly [option: string]: string } = {
  flow_to_rd_map: '--flow-to-rd-map',
  bgp_agent_map: '--bgp-agent-map',
  bmp_agent_map: '--bmp-agent-map',
  bgp_peer_src_as_map: '--peer-src-as-map',
  bgp_peer_dst_ip_map: '--peer-dst-ip-map',
  networks_file: '--networks',
}
const SOURCE_TYPES = /^bgp_src_(std_comm|ext_comm|lrg_comm|as_path|local_pref|med)_type$/

const isOn = (text: string | undefined): boolean => text?.toLowerCase() === 'true'

/**
 * This exporter says in options when it started (element 160), which the flows' sysUptime counts from. pmacct does not read
 * that there, and has the time of export as the start of every flow.
 */
const startsAtExport = (id: string): boolean => id.startsWith('pm-500-')
const keys = (id: string, by: readonly string[]): string[] =>
  by.map(name => (name === 'timestamp_start' && startsAtExport(id) ? 'timestamp_export' : name))
const asPmacct = (id: string, text: string): string =>
  startsAtExport(id) ? text.replaceAll('"timestamp_export":', '"timestamp_start":') : text

/** The stages that do what the case's pmacct configuration did. */
function stages({ id, options = {}, aggregate, protocol }: Meta): string[] {
  const receive = ['flow-recv --pcap input.pcap --timestamps-secs']
  if (isOn(options.nfacctd_renormalize)) receive.push('--renormalize')
  if (options.aggregate_primitives) receive.push(`--primitives ${options.aggregate_primitives}`)
  if (options.sampling_map) receive.push(`--sampling-map ${options.sampling_map}`)
  const enrich = ['enrich --inner-first']
  for (const kind of ROUTING) if (protocol.includes(kind)) enrich.push(`--${kind} <(${kind}-recv --pcap input.pcap)`)
  if (options.nfacctd_as) enrich.push(`--as ${options.nfacctd_as}`)
  if (options.nfacctd_net) enrich.push(`--net ${options.nfacctd_net}`)
  if (options.bgp_peer_src_as_type) enrich.push(`--peer-src-as ${options.bgp_peer_src_as_type}`)
  const source = Object.keys(options).flatMap(option => SOURCE_TYPES.exec(option)?.[1] ?? [])
  if (source.length > 0) enrich.push(`--src ${source.join(',')}`)
  for (const [option, flag] of Object.entries(MAPS)) if (options[option]) enrich.push(`${flag} ${options[option]}`)
  const tag = options.pre_tag_map ? [`tag --pre-tag-map ${options.pre_tag_map}`] : []
  const encode = Object.keys(ENCODINGS).filter(option => isOn(options[option]))
  const form = encode.length > 0 ? ` --encode ${encode.map(option => ENCODINGS[option]).join(',')}` : ''
  const stitch = isOn(options.nfacctd_stitching) ? ' --stitch' : ''
  const sum = `aggregate --by ${keys(id, aggregate ?? []).join(',')}${stitch} --compat pmacct --timestamps epoch${form}`
  return [receive.join(' '), enrich.join(' '), ...tag, sum]
}

function metas(): Meta[] {
  return globSync('*/meta.json', { cwd: CASES })
    .sort()
    .map(path => JSON.parse(readFileSync(join(CASES, path), 'utf8')) as Meta)
    .filter(({ protocol, assertable }) => ROUTING.some(kind => protocol.includes(kind)) && assertable.includes('flow'))
}

function same(context: TestContext, id: string, actual: string, told: string): void {
  const file = join(scratch(context), 'actual.ndjson')
  writeFileSync(file, asPmacct(id, actual))
  const words = [join(CORPUS, 'compare.py'), join(CASES, id), 'flow', file]
  const compared = spawnSync('python3', words, { encoding: 'utf8' })
  assert.equal(compared.status, 0, `${told}\n${compared.stdout}${compared.stderr}`)
}

const python = spawnSync('python3', ['--version']).status === 0
const skip =
  (!existsSync(CASES) && 'no corpus beside the repository; NETALLY_CORPUS names another place') ||
  (!python && 'compare.py needs python3')

describe('corpus, flows and routes', { concurrency: 2, skip }, () => {
  for (const meta of skip ? [] : metas()) {
    const cwd = join(CASES, meta.id)
    it(`${meta.id}, piped`, async context => {
      const line = stages(meta)
        .map(stage => `netally ${stage.replaceAll('<(', '<(netally ')}`)
        .join(' | ')
      const { stdout, stderr, status } = await shell(line, '', { cwd })
      assert.equal(status, 0, stderr)
      same(context, meta.id, stdout, `${line}\n${stderr}`)
    })
    it(`${meta.id}, fused`, async context => {
      const line = stages(meta).join(' | ')
      const { stdout, stderr, status } = await netally(['run', line], '', { cwd })
      assert.equal(status, 0, stderr)
      same(context, meta.id, stdout, `${line}\n${stderr}`)
    })
  }
})
