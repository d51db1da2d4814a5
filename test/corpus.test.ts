// Captures with known results that lie beside the repository (../shared/corpus, or NETALLY_CORPUS): NetFlow and IPFIX
// of real exporters, what pmacct and logstash make of them, and malformed ones.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { netally, REPOSITORY, records, scratch, shell } from './support/cli.ts'

const CORPUS = process.env.NETALLY_CORPUS ?? join(REPOSITORY, '..', 'shared', 'corpus')
const CASES = join(CORPUS, 'cases')
const PROTOCOLS: ReadonlySet<string> = new Set(['nfv5', 'nfv9', 'ipfix'])

interface Meta {
  readonly id: string
  readonly source: { readonly repo: string }
  readonly compare: { readonly expected: readonly { readonly file: string; readonly kind: string }[] }
  readonly protocol: readonly string[]
  readonly ports: readonly number[]
  readonly assertable: readonly string[]
  readonly aggregate?: readonly string[]
  readonly options?: { readonly [name: string]: string }
  readonly oracle177?: { readonly aggregate: readonly string[] }
  readonly tshark_flow_records?: number | null
}

/** pmacct's switches as ours. */
const ENCODINGS: { readonly [option: string]: string } = {
  tcpflags_encode_as_array: 'tcp_flags=array',
  fwd_status_encode_as_string: 'fwd_status=text',
  mpls_label_stack_encode_as_array: 'mpls_label_stack=array',
  pre_tag_label_encode_as_map: 'label=map',
}

const isOn = (text: string | undefined): boolean => text?.toLowerCase() === 'true'

function receive(meta: Meta, more: readonly string[] = []): string {
  return ['netally flow-recv --pcap input.pcap', ...meta.ports.map(port => `--udp-port ${port}`), ...more].join(' ')
}

/** The line that does what the case's pmacct configuration did; the peer cut all times to seconds. */
function accountingLine(meta: Meta): string {
  const options = meta.options ?? {}
  const flags = ['--timestamps-secs', ...(isOn(options.nfacctd_renormalize) ? ['--renormalize'] : [])]
  const stages = [receive(meta, flags)]
  if (options.pre_tag_map) stages.push(`netally tag --pre-tag-map ${options.pre_tag_map}`)
  const by = meta.aggregate ?? meta.oracle177?.aggregate ?? []
  const encode = Object.keys(ENCODINGS).filter(option => isOn(options[option]))
  const form = encode.length > 0 ? ` --encode ${encode.map(option => ENCODINGS[option]).join(',')}` : ''
  const stitch = isOn(options.nfacctd_stitching) ? ' --stitch' : ''
  stages.push(`netally aggregate --by ${by.join(',')}${stitch} --compat pmacct --timestamps epoch${form}`)
  return stages.join(' | ')
}

/**
 * logstash computes sysUptime-relative times as (export - whole seconds of age) + (1 - fraction of age): a second late.
 * The age is a difference of two times of the exporter (RFC 3954 section 8), so that second is taken back here. IPFIX and
 * elements 150 and 151 carry absolute times.
 */
const isSecondLate = ({ id, source, protocol }: Meta): boolean =>
  source.repo.startsWith('logstash-plugins/') && !protocol.includes('ipfix') && !id.endsWith('ie150-ie151')

function withoutLateSecond(row: { [name: string]: unknown }): object {
  const times = Object.keys(row).filter(name => /^timestamp_(start|end)$/.test(name))
  return { ...row, ...Object.fromEntries(times.map(name => [name, (Number(row[name]) - 1).toFixed(6)])) }
}

/** The folder that compare.py reads: the case's own, or a copy in which the peer's error is taken back. */
function expectedFolder(meta: Meta, kind: string, context: TestContext): string {
  const folder = join(CASES, meta.id)
  if (!isSecondLate(meta)) return folder
  const copy = scratch(context)
  const { file } = meta.compare.expected.find(entry => entry.kind === kind) as { file: string }
  const rows = records(readFileSync(join(folder, file), 'utf8')).map(withoutLateSecond)
  writeFileSync(join(copy, file), rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  copyFileSync(join(folder, 'meta.json'), join(copy, 'meta.json'))
  return copy
}

function metas(): Meta[] {
  return globSync('*/meta.json', { cwd: CASES })
    .sort()
    .map(path => JSON.parse(readFileSync(join(CASES, path), 'utf8')) as Meta)
    .filter(meta => meta.protocol.every(protocol => PROTOCOLS.has(protocol)))
}

const python = spawnSync('python3', ['--version']).status === 0
const skip = !existsSync(CASES) && 'no corpus beside the repository; NETALLY_CORPUS names another place'
const skipCompare = skip || (!python && 'compare.py needs python3')

describe('corpus', { concurrency: 3, skip }, () => {
  for (const meta of skip ? [] : metas()) {
    const folder = join(CASES, meta.id)
    for (const kind of meta.assertable.filter(name => name === 'flow' || name === 'records')) {
      it(`${meta.id} ${kind}`, { skip: skipCompare }, async context => {
        const line = kind === 'flow' ? accountingLine(meta) : receive(meta)
        const { stdout, stderr, status } = await shell(line, '', { cwd: folder })
        assert.equal(status, 0, stderr)
        const actual = join(scratch(context), 'actual.ndjson')
        writeFileSync(actual, stdout)
        const words = [join(CORPUS, 'compare.py'), expectedFolder(meta, kind, context), kind, actual]
        const compared = spawnSync('python3', words, { encoding: 'utf8' })
        assert.equal(compared.status, 0, `${line}\n${compared.stdout}${compared.stderr}${stderr}`)
      })
    }
    if (meta.assertable.includes('counts')) {
      it(`${meta.id} counts`, async () => {
        const { stdout, stderr, status } = await shell(receive(meta), '', { cwd: folder })
        assert.equal(status, 0, stderr)
        assert.equal(records(stdout).length, meta.tshark_flow_records)
      })
    }
  }
})

describe('corpus, malformed', { concurrency: 3, skip }, () => {
  for (const name of globSync('*.pcap', { cwd: join(CORPUS, 'malformed') }).sort()) {
    it(name, async () => {
      const { stdout, stderr, status } = await netally(['flow-recv', '--pcap', join(CORPUS, 'malformed', name)])
      assert.ok(status === 0 || status === 1, `status ${status}: ${stderr}`)
      assert.doesNotMatch(stderr, /bug in netally|\n {4}at /)
      records(stdout)
    })
  }
})
