// nfacctd of pmacct with the same maps on the same datagrams: every tag and label gets the same sums. Version 1.7.7 does not
// know jeq=next, nor the keys of ports, protocols, flags and VRFs.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ended, REPOSITORY, records, scratch, shell } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { payloadsOf, says, send, startProgram, taken, without } from './programs.ts'
import { assertSameSums, type Row } from './sums.ts'

/** NetFlow v5, v9 and IPFIX of three exporters; IPv4 and IPv6. */
const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')
const SETTLE_MS = 1500

interface Comparison {
  readonly map?: readonly string[]
  /** Further keys of a plugin of nfacctd, and flags of `tag` and `aggregate` for the same. */
  readonly plugin?: { readonly [key: string]: string }
  readonly tag?: string
  readonly aggregate?: string
  readonly by?: readonly string[]
  readonly keys?: readonly string[]
  /** Files that both read. */
  readonly files?: { readonly [name: string]: string }
}

const COMPARISONS: { readonly [title: string]: Comparison } = {
  'the first row that fits wins': {
    map: [
      'set_tag=1 ip=192.0.2.1 in=1',
      'set_tag=2 ip=192.0.2.1',
      'set_tag=3 ip=192.0.2.2 out=2',
      'set_tag=4 ip=0.0.0.0/0',
    ],
  },
  'rows without ip; minus; nets': {
    map: ['set_tag=1 in=-1', 'set_tag=2 src_net=198.18.0.0/18', 'set_tag=3 dst_net=-10.1.0.0/16', 'set_tag=4'],
  },
  'jeq, label, stack': {
    map: [
      'set_tag=1000 in=1 jeq=out',
      'set_tag=2000 in=2 jeq=out',
      'set_tag=9',
      'set_tag=1 out=12 label=out stack=sum',
      'set_tag=2 out=11 stack=sum',
      'set_tag2=5 out=2',
    ],
  },
  'labels that are put one after the other': {
    map: [
      'set_label=a in=1 jeq=more',
      'set_label=b in=2',
      'set_label=c src_net=198.18.0.0/16 label=more',
      'set_label=d',
    ],
  },
  filters: {
    map: [
      "set_tag=1 filter='udp and dst port 53'",
      "set_tag=2 filter='src net 198.18.0.0/16 and tcp'",
      "set_label=six filter='ip6'",
    ],
  },
  'AS, of none too': {
    map: ['set_tag=1 src_as=64496', 'set_tag=2 dst_as=64500', 'set_tag=3 src_as=-65551 dst_as=-23456', 'set_tag=4'],
  },
  direction: { map: ['set_tag=1 direction=0', 'set_tag=2 direction=1', 'set_tag=3'] },
  'source ids and engines': {
    map: ['set_tag=1 source_id=1', 'set_tag=2 source_id=2', 'set_tag=3 engine_id=3', 'set_tag=4 engine_type=0'],
  },
  'kinds of flows': {
    // To nfacctd flows of NetFlow v5 are of no family.
    map: [
      'set_tag=9 ip=192.0.2.3',
      'set_tag=1 sample_type=flow-ipv6',
      'set_tag=2 sample_type=flow-ipv4',
      'set_tag=3 sample_type=flow',
      'set_tag=4',
    ],
  },
  templates: { map: ['set_tag=1 flowset_id=256', 'set_tag=2 flowset_id=301', 'set_tag=3'] },
  pre_tag_filter: {
    map: ['set_tag=1 in=1', 'set_tag=2 in=2', 'set_tag=12 in=12'],
    plugin: { pre_tag_filter: '0,2,10-20' },
    tag: '--tag-filter 0,2,10-20',
  },
  'pre_tag_filter with a minus': {
    map: ['set_tag=1 in=1', 'set_tag=2 in=2', 'set_tag=12 in=12'],
    plugin: { pre_tag_filter: '-2' },
    tag: '--tag-filter=-2',
  },
  pre_tag_label_filter: {
    map: ['set_label=one in=1', 'set_label=two in=2'],
    plugin: { pre_tag_label_filter: 'one,null' },
    tag: '--label-filter one,null',
  },
  post_tag: {
    map: ['set_tag=1 in=1'],
    plugin: { post_tag: '7', post_tag2: '8' },
    tag: '--post-tag 7 --post-tag2 8',
    by: ['tag', 'tag2', 'in_iface'],
    keys: ['tag', 'tag2', 'iface_in'],
  },
  ports_file: {
    files: { 'ports.lst': '443\n80\n53\n' },
    plugin: { ports_file: 'ports.lst' },
    aggregate: '--ports-file ports.lst',
    by: ['src_port', 'dst_port'],
    keys: ['port_src', 'port_dst'],
  },
}
const BY = ['tag', 'tag2', 'label']

/** Exporter 192.0.2.n sends from 127.0.0.(10 + n). */
const ofNfacctd = (row: string): string => row.replace(/192\.0\.2\.(\d)/g, '127.0.0.1$1')

function configuration(folder: string, port: number, comparisons: readonly Comparison[]): string {
  const plugins = comparisons.map(({ map, plugin, by, files }, index) => {
    const name = `[p${index}]`
    const lines: { [key: string]: string } = {
      [`aggregate${name}`]: [...(by ?? BY), 'flows'].join(', '),
      [`print_output_file${name}`]: join(folder, `sums-${index}.json`),
    }
    if (map) {
      writeFileSync(join(folder, `map-${index}`), map.map(row => `${ofNfacctd(row)}\n`).join(''))
      lines[`pre_tag_map${name}`] = join(folder, `map-${index}`)
    }
    for (const [key, value] of Object.entries(plugin ?? {})) {
      lines[`${key}${name}`] = files?.[value] === undefined ? value : join(folder, value)
    }
    return lines
  })
  const lines = {
    daemonize: 'false',
    nfacctd_ip: '127.0.0.1',
    nfacctd_port: port,
    nfacctd_as: 'netflow',
    nfacctd_net: 'netflow',
    plugins: plugins.map((_, index) => `print[p${index}]`).join(', '),
    print_output: 'json',
    print_output_file_append: 'true',
    print_refresh_time: 3600,
    plugin_pipe_size: 8_000_000,
    nfacctd_pipe_size: 4_000_000,
    ...Object.assign({}, ...plugins),
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${String(value)}\n`)
    .join('')
}

async function nfacctd(context: TestContext, folder: string, comparisons: readonly Comparison[]): Promise<Row[][]> {
  const port = await freeUdpPort()
  const file = join(folder, 'nfacctd.conf')
  writeFileSync(file, configuration(folder, port, comparisons))
  const child = startProgram(context, ['nfacctd', '-f', file], folder)
  const ending = ended(child)
  await says(child, 'waiting for NetFlow/IPFIX data')
  await send(payloadsOf(DEMO), port)
  assert.equal(await taken(port), 0, 'the kernel dropped datagrams of nfacctd')
  await pause(SETTLE_MS)
  child.kill('SIGINT')
  const { stdout, stderr } = await ending
  return comparisons.map((_, index) => {
    try {
      return records(readFileSync(join(folder, `sums-${index}.json`), 'utf8'))
    } catch {
      throw new Error(`nfacctd wrote nothing: ${stdout}${stderr}`)
    }
  })
}

async function ours(folder: string, { map, tag, aggregate, by }: Comparison): Promise<Row[]> {
  const file = join(folder, 'our.map')
  if (map) writeFileSync(file, `${map.join('\n')}\n`)
  const tags = map || tag ? ` | netally tag ${map ? `--pre-tag-map ${file}` : ''} ${tag ?? ''}` : ''
  const flows = `netally flow-recv --template-id --pcap ${DEMO}`
  const sums = `netally aggregate --by ${[...(by ?? BY), 'flows'].join(',')} ${aggregate ?? ''} --compat pmacct`
  const { stdout, stderr, status } = await shell(`${flows}${tags} | ${sums}`, '', { cwd: folder })
  assert.equal(status, 0, stderr)
  return records(stdout)
}

/** pmacct writes 0 and "" where there is no tag. */
const whole = (row: Row): Row => ({ ...row, tag: row.tag ?? 0, tag2: row.tag2 ?? 0, label: row.label ?? '' })

/** More plugins than these do not keep up with the capture on a small machine. */
const AT_ONCE = 5

describe('nfacctd with maps', () => {
  const titles = Object.keys(COMPARISONS)
  for (let from = 0; from < titles.length; from += AT_ONCE) {
    const some = Object.entries(COMPARISONS).slice(from, from + AT_ONCE)
    it(`the same tags, labels and buckets: ${some[0]?.[0]}, ...`, { skip: without('nfacctd') }, async context => {
      const folder = scratch(context)
      for (const [, { files }] of some) {
        for (const [name, text] of Object.entries(files ?? {})) writeFileSync(join(folder, name), text)
      }
      const theirs = await nfacctd(
        context,
        folder,
        some.map(([, comparison]) => comparison),
      )
      for (const [index, [title, comparison]] of some.entries()) {
        await context.test(title, async () => {
          const mine = await ours(folder, comparison)
          assertSameSums(mine.map(whole), (theirs[index] as Row[]).map(whole), comparison.keys ?? BY)
        })
      }
    })
  }
})
