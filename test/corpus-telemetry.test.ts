// Telemetry with known results that lies beside the repository (../shared/corpus, or NETALLY_CORPUS): captures of pmacct's
// and NetGauze's own tests, and what those make of them.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { NetRecord } from '../src/contract/record.ts'
import { flatForm } from '../src/operators/telemetry/forms.ts'
import { oldForm } from '../src/operators/telemetry/old-form.ts'
import { jsonText, parsedRecord } from '../src/stream/json.ts'
import { REPOSITORY, scratch, shell } from './support/cli.ts'
import { recordsOf, streamOf } from './support/test-host.ts'

const CORPUS = process.env.NETALLY_CORPUS ?? join(REPOSITORY, '..', 'shared', 'corpus')
const CASES = join(CORPUS, 'cases')

interface Meta {
  readonly id: string
  readonly protocol: readonly string[]
  readonly ports: readonly number[]
  readonly assertable: readonly string[]
}

function metas(): Meta[] {
  return globSync('*/meta.json', { cwd: CASES })
    .sort()
    .map(path => JSON.parse(readFileSync(join(CASES, path), 'utf8')) as Meta)
    .filter(meta => meta.protocol.includes('udp-notif') && meta.assertable.includes('telemetry'))
}

const python = spawnSync('python3', ['--version']).status === 0
const skip =
  (!existsSync(CASES) && 'no corpus beside the repository; NETALLY_CORPUS names another place') ||
  (!python && 'compare.py needs python3')

describe('corpus, telemetry', { concurrency: 2, skip }, () => {
  for (const { id, ports } of skip ? [] : metas()) {
    for (const port of ['', ...ports.map(one => ` --udp-port ${one}`)]) {
      it(`${id}${port || ', by content'}`, async context => {
        const folder = join(CASES, id)
        const words = `netally telemetry-recv --pcap input.pcap${port} --compat pmacct --stats`
        const { stdout, stderr, status } = await shell(words, '', { cwd: folder })
        assert.equal(status, 0, stderr)
        const actual = join(scratch(context), 'actual.ndjson')
        writeFileSync(actual, stdout)
        const compare = [join(CORPUS, 'compare.py'), folder, 'telemetry', actual]
        const compared = spawnSync('python3', compare, { encoding: 'utf8' })
        assert.equal(compared.status, 0, `${words}\n${compared.stdout}${compared.stderr}${stderr}`)
        assert.doesNotMatch(stderr, /udp-notif\/incomplete|problem\//)
      })
    }
    it(`${id}, as messages of 1.8`, async context => {
      const folder = join(CASES, id)
      const { stdout, stderr, status } = await shell('netally telemetry-recv --pcap input.pcap', '', { cwd: folder })
      assert.equal(status, 0, stderr)
      const messages = stdout
        .split('\n')
        .filter(Boolean)
        .map(line => parsedRecord(line) as NetRecord)
      assert.ok(messages.some(message => message['ietf-telemetry-message:message'] !== undefined))
      const flat = await recordsOf(oldForm(streamOf(messages.map(message => flatForm(message, 0)))))
      const actual = join(scratch(context), 'actual.ndjson')
      writeFileSync(actual, flat.map(record => `${jsonText(record)}\n`).join(''))
      const compared = spawnSync('python3', [join(CORPUS, 'compare.py'), folder, 'telemetry', actual], {
        encoding: 'utf8',
      })
      assert.equal(compared.status, 0, `${compared.stdout}${compared.stderr}`)
    })
  }
})
