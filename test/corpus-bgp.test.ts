// BGP sessions with known results that lie beside the repository (../shared/corpus, or NETALLY_CORPUS): captures of
// pmacct's, ExaBGP's and tcpdump's own tests, and what those make of them.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { REPOSITORY, scratch, shell } from './support/cli.ts'

const CORPUS = process.env.NETALLY_CORPUS ?? join(REPOSITORY, '..', 'shared', 'corpus')
const CASES = join(CORPUS, 'cases')

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
  pre_tag_label_encode_as_map: 'label=map',
}

/** The line that does what the case's pmacct configuration did. */
function line({ ports, options = {} }: Meta): string {
  const encode = Object.keys(ENCODINGS).filter(option => options[option]?.toLowerCase() === 'true')
  const form = encode.length > 0 ? ` --encode ${encode.map(option => ENCODINGS[option]).join(',')}` : ''
  const receive = `netally bgp-recv --pcap input.pcap ${ports.map(port => `--tcp-port ${port}`).join(' ')}`
  const tags = options.bgp_daemon_tag_map
  return `${receive}${tags ? ` --tag-map ${tags}` : ''} --compat pmacct${form}`
}

function metas(): Meta[] {
  return globSync('*/meta.json', { cwd: CASES })
    .sort()
    .map(path => JSON.parse(readFileSync(join(CASES, path), 'utf8')) as Meta)
    .filter(meta => meta.protocol.includes('bgp') && meta.assertable.includes('bgp'))
}

/** pmacct wrote this IPv4-mapped next hop dotted here, mapped in its release 1.7.7 and in all its BMP cases. */
const dottedNextHop = (id: string, text: string): string =>
  id.startsWith('pm-500-') ? text.replaceAll('"bgp_nexthop":"::ffff:', '"bgp_nexthop":"') : text

/** Fails with what compare.py says. */
function same(context: TestContext, id: string, kind: string, actual: string, told: string): void {
  const file = join(scratch(context), 'actual.ndjson')
  writeFileSync(file, dottedNextHop(id, actual))
  const words = [join(CORPUS, 'compare.py'), join(CASES, id), kind, file]
  const compared = spawnSync('python3', words, { encoding: 'utf8' })
  assert.equal(compared.status, 0, `${told}\n${compared.stdout}${compared.stderr}`)
}

const python = spawnSync('python3', ['--version']).status === 0
const skip =
  (!existsSync(CASES) && 'no corpus beside the repository; NETALLY_CORPUS names another place') ||
  (!python && 'compare.py needs python3')

describe('corpus, BGP', { concurrency: 2, skip }, () => {
  for (const meta of skip ? [] : metas()) {
    it(meta.id, async context => {
      const folder = join(CASES, meta.id)
      const words = line(meta)
      const { stdout, stderr, status } = await shell(words, '', { cwd: folder })
      assert.equal(status, 0, stderr)
      same(context, meta.id, 'bgp', stdout, `${words}\n${stderr}`)
    })
    if (!meta.assertable.includes('bgp_close')) continue
    it(`${meta.id}: what goes with the session`, async context => {
      const words = `${line(meta)} --deletes`
      const { stdout, stderr, status } = await shell(words, '', { cwd: join(CASES, meta.id) })
      assert.equal(status, 0, stderr)
      const lines = stdout.split('\n')
      const deletes = lines.filter(text => text.includes('"log_type":"delete"'))
      const others = lines.filter(text => !text.includes('"log_type":"delete"'))
      same(context, meta.id, 'bgp', others.join('\n'), words)
      same(context, meta.id, 'bgp_close', deletes.join('\n'), words)
    })
  }
})
