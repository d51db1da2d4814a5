// The compliance suite on the sink and server of tests. Run by test/sinks/delivery/compliance.test.ts; NETALLY_BAD is a way to
// be bad, which the suite must find.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { parsedRecord } from '../../src/stream/json.ts'
import { scratch } from './cli.ts'
import { freeTcpPort } from './free-port.ts'
import { answers, ServerProcess } from './server-process.ts'
import { type ComplianceServer, sinkCompliance, testRecord } from './sink-compliance.ts'

/** A data folder in which the plugin of tests is linked. */
export function dataFolder(context: TestContext): string {
  const folder = scratch(context)
  mkdirSync(join(folder, 'plugins'))
  const links = { 'netally-plugin-lines': join(import.meta.dirname, 'plugin-lines') }
  writeFileSync(join(folder, 'plugins', 'links.json'), JSON.stringify(links))
  return folder
}

function linesOf(file: string): string[] {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    // Nothing was stored yet.
  }
  return text.split('\n').flatMap(line => (line === '' ? [] : (JSON.parse(line) as { lines: string[] }).lines))
}

export async function lineServer(context: TestContext, ...more: readonly string[]): Promise<ComplianceServer> {
  const port = await freeTcpPort()
  const file = join(scratch(context), 'stored')
  const server = new ServerProcess(context, {
    words: [process.execPath, join(import.meta.dirname, 'line-server.ts'), String(port), file],
    ready: () => answers(port),
  })
  return {
    words: ['sink-lines', `127.0.0.1:${port}`, ...more],
    env: { NETALLY_DATA_DIR: dataFolder(context) },
    start: () => server.start(),
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    read: async () => linesOf(file).map(line => parsedRecord(line) as NetRecord),
  }
}

export function linesCompliance(bad?: string): void {
  sinkCompliance('sink-lines', {
    skip: false,
    make: context => lineServer(context, ...(bad === undefined ? [] : ['--bad', bad])),
    duplicates: 'never',
    refused: { record: n => ({ ...testRecord(n), refuse: true }) },
  })
}
