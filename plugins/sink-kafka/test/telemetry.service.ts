// Telemetry through Kafka: what telemetry-recv wrote there, and what others did, as leaves.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isSkipped, type Server } from '../../../test/services/servers/server.ts'
import { netally, REPOSITORY, records, scratch } from '../../../test/support/cli.ts'
import { hexOctets, parseCase } from '../../../test/support/golden-case.ts'
import { newTopic, sharedBroker } from './kafka-server.ts'

const broker = await sharedBroker({ tls: true })
const skip = isSkipped(broker) ? broker.skipped : false
const server = broker as Server

const CASE = join(REPOSITORY, 'test', 'cases', 'telemetry-recv', 'flat.md')
const RATE = ['--rate', '*-octets']

async function run(words: readonly string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await netally(words, input)
  assert.equal(status, 0, stderr)
  return stdout
}

describe('telemetry through Kafka', { skip }, () => {
  for (const form of [[], ['--compat', 'pmacct']]) {
    it(`messages ${form.join(' ') || 'of 1.8'} become the leaves that telemetry-recv --flat has`, async context => {
      const capture = join(scratch(context), 'push.pcap')
      const hex = parseCase(readFileSync(CASE, 'utf8')).blocks.find(({ language }) => language === 'hex')
      writeFileSync(capture, hexOctets(hex?.text ?? ''))
      const topic = newTopic()
      const received = await run(['telemetry-recv', '--pcap', capture, ...form])
      await run(['sink-kafka', server.url, '--topic', topic], received)
      const stored = await run(['kafka-recv', server.url, '--topic', topic, '--group', topic, '--until-end'])
      const leaves = records(await run(['flatten', ...RATE], stored))
      const wanted = records(await run(['telemetry-recv', '--pcap', capture, '--flat', ...RATE]))
      assert.equal(wanted.length, 4)
      assert.deepEqual(leaves, wanted)
    })
  }
})
