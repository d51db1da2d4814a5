// Names of interfaces that sink-flow tells: those of the map as it is now.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { recordBatch, type Stream } from '../../src/contract/record.ts'
import { readInterfaceNames } from '../../src/maps/interface-names.ts'
import { flowExport } from '../../src/sinks/flow-export.ts'
import { EXPORT_DEFAULTS } from '../../src/wire/flow/export/options.ts'
import { records, scratch, shell } from '../support/cli.ts'
import { TestHost } from '../support/test-host.ts'

const NOW_MS = 1_700_000_000_000
const NO_NETWORK = { transport: 'udp', host: '', port: 0, rate: 0, sourceAddress: undefined, tls: {} } as const
const RETRY = { firstMs: 20, mostMs: 50, giveUpMs: 1000 }

for (const domainPerExporter of [false, true]) {
  test(`a map that changed: the new name goes before the next record (${domainPerExporter ? 'each exporter' : 'one domain'})`, async context => {
    const folder = scratch(context)
    const [map, path] = [join(folder, 'names.map'), join(folder, 'flows.pcap')]
    const host = new TestHost()
    const name = (text: string) => writeFileSync(map, `ifindex=1 ifname=${text}\n`)
    const row = { timestamp_arrival: NOW_MS / 1000, peer_ip_src: '192.0.2.1', iface_in: 1, packets: 1, bytes: 100 }
    name('before')
    async function* input(): Stream {
      yield recordBatch([row], NOW_MS)
      name('after')
      host.reloads++
      yield recordBatch([row], NOW_MS)
      name('no row')
      host.reloads++
      yield recordBatch([row], NOW_MS)
    }
    const interfaces = await readInterfaceNames(map)
    assert.ok('indexOf' in interfaces)
    const capture = { path, source: '127.0.0.1', destination: '127.0.0.1', port: 4739 }
    const messages = { ...EXPORT_DEFAULTS, domainPerExporter }
    const transport = { ...NO_NETWORK, retry: RETRY, capture }
    await flowExport.drain(input(), { version: 'ipfix', messages, interfaces, transport }, host)
    const { stdout, stderr } = await shell(`netally flow-recv --pcap ${path}`)
    assert.deepEqual(
      records(stdout).map(({ iface_name_in }) => iface_name_in),
      ['before', 'after', 'after'],
      stderr,
    )
    assert.deepEqual([host.counters['maps/reloaded'], host.counters['maps/refused']], [1, 1])
  })
}
