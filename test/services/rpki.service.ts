// RPKI data of real programs: StayRTR as the cache, rpki-client as the validator that writes files.
import assert from 'node:assert/strict'
import { type ChildProcess, spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ENVIRONMENT, ended, netally, records, scratch, start } from '../support/cli.ts'
import { freeTcpPort } from '../support/free-port.ts'
import { until } from '../support/stats.ts'
import { listening, type Row } from './bgp-peers.ts'
import { runProgram, startProgram, without } from './programs.ts'

const LATER = 4_102_444_800
const SECOND_MS = 1000
const KEY = {
  asn: 64496,
  ski: '510F485D29A29DB7B515F9C478F8ED3CB7AA7D23',
  pubkey:
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE4FxJr0n2bux1uX1Evl+QWwZYvIadPjLuFX2mxqKuAGUhKnr7VLLDgrE++l9p5eH2kWTNVAN22FUU3db/RKpE2w==',
}

interface Roa {
  readonly asn: number
  readonly prefix: string
  readonly maxLength: number
}

const A: Roa = { asn: 64496, prefix: '192.0.2.0/24', maxLength: 24 }
const B: Roa = { asn: 64497, prefix: '2001:db8::/32', maxLength: 48 }

/** As rpki-client 8 writes it, in whole; put in place at once. */
function writeRoas(path: string, roas: readonly Roa[]): void {
  const file = {
    metadata: { buildtime: new Date().toISOString() },
    roas: roas.map(roa => ({ ...roa, ta: 'test', expires: LATER })),
    bgpsec_keys: [{ ...KEY, ta: 'test', expires: LATER }],
    provider_authorizations: { ipv4: [{ customer_asid: 64496, expires: LATER, providers: [64500, 64501] }], ipv6: [] },
  }
  writeFileSync(`${path}.new`, JSON.stringify(file))
  renameSync(`${path}.new`, path)
}

async function stayrtr(context: TestContext, path: string, port: number, ...words: string[]): Promise<ChildProcess> {
  const flags = ['-bind', `127.0.0.1:${port}`, '-cache', path, '-metrics.addr', '127.0.0.1:0', '-refresh', '1']
  const child = startProgram(context, ['stayrtr', ...flags, ...words])
  child.stdout?.resume()
  child.stderr?.resume()
  await listening(port)
  return child
}

class Receiver {
  readonly #child: ChildProcess
  #text = ''
  said = ''

  constructor(context: TestContext, port: number, ...words: string[]) {
    this.#child = start(['rpki-recv', '--rtr', `127.0.0.1:${port}`, ...words])
    this.#child.stdout?.on('data', chunk => {
      this.#text += String(chunk)
    })
    this.#child.stderr?.on('data', chunk => {
      this.said += String(chunk)
    })
    context.after(() => this.#child.kill('SIGKILL'))
  }

  get rows(): Row[] {
    return records(this.#text.slice(0, this.#text.lastIndexOf('\n') + 1))
  }

  /** Waits for a row with these values. */
  async has(wanted: Row): Promise<Row> {
    const isIt = (row: Row) => Object.entries(wanted).every(([key, value]) => row[key] === value)
    return until(() => this.rows.find(isIt))
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    const { status } = await ended(this.#child)
    assert.equal(status, 0, this.said)
  }
}

describe('StayRTR', { skip: without('stayrtr') }, () => {
  it('what each version has', async context => {
    const file = join(scratch(context), 'rpki.json')
    writeRoas(file, [A, B])
    const port = await freeTcpPort()
    await stayrtr(context, file, port)
    const roas = ['192.0.2.0/24-24 AS64496', '2001:db8::/32-48 AS64497']
    const key = `AS64496 ${KEY.ski.toLowerCase()} ${KEY.pubkey}`
    // StayRTR 0.5 has the ASPA PDU of draft-ietf-sidrops-8210bis-10, by address family.
    const expected = [roas, [...roas, key], [...roas, key, 'AS64496 1 64500,64501']]
    for (const [version, all] of expected.entries()) {
      const words = ['rpki-recv', '--rtr', `127.0.0.1:${port}`, '--rtr-version', String(version), '--once']
      const { stdout, stderr, status } = await netally(words)
      assert.equal(status, 0, stderr)
      const rows = records(stdout)
      const said = rows.flatMap(row => {
        if (row.rpki_type === 'roa') return [`${row.ip_prefix}-${row.max_length} AS${row.origin_as}`]
        if (row.rpki_type === 'aspa') return [`AS${row.customer_as} ${row.afi} ${row.provider_as}`]
        return row.rpki_type === 'router-key' ? [`AS${row.origin_as} ${row.ski} ${row.spki}`] : []
      })
      assert.deepEqual(said.toSorted(), [...all].toSorted())
      assert.equal(rows[0]?.rtr_version, version)
      assert.equal(rows.find(row => row.log_type === 'end-of-data')?.entries, all.length)
    }
  })

  it('an older one than ours: the version that it names', async context => {
    const file = join(scratch(context), 'rpki.json')
    writeRoas(file, [A])
    const port = await freeTcpPort()
    await stayrtr(context, file, port, '-protocol', '0')
    const receiver = new Receiver(context, port)
    await receiver.has({ log_type: 'end-of-data', entries: 1 })
    assert.equal((await receiver.has({ event_type: 'log_init' })).rtr_version, 0)
    await receiver.stop()
  })

  it('the file changes: it notifies, and what changed is said', async context => {
    const file = join(scratch(context), 'rpki.json')
    writeRoas(file, [A])
    const port = await freeTcpPort()
    await stayrtr(context, file, port)
    const receiver = new Receiver(context, port)
    await receiver.has({ log_type: 'end-of-data', entries: 3 })
    writeRoas(file, [B])
    await receiver.has({ log_type: 'update', ip_prefix: B.prefix, origin_as: B.asn })
    await receiver.has({ log_type: 'withdraw', ip_prefix: A.prefix, origin_as: A.asn })
    await receiver.stop()
    assert.equal(receiver.rows.filter(row => row.log_type === 'update' && row.rpki_type === 'aspa').length, 1)
    assert.equal(receiver.said, '')
  })

  it('it restarts with another session: only what changed meanwhile is said', async context => {
    const file = join(scratch(context), 'rpki.json')
    writeRoas(file, [A])
    const port = await freeTcpPort()
    const first = await stayrtr(context, file, port)
    const receiver = new Receiver(context, port)
    await receiver.has({ log_type: 'end-of-data', entries: 3 })
    first.kill('SIGKILL')
    await receiver.has({ event_type: 'log_close' })
    writeRoas(file, [A, B])
    // StayRTR makes its session identifier of the second in which it starts: in the same one it would be the same session.
    await pause(SECOND_MS)
    await stayrtr(context, file, port)
    await receiver.has({ log_type: 'end-of-data', entries: 4 })
    await receiver.stop()
    assert.deepEqual(
      receiver.rows.filter(row => row.ip_prefix).map(row => `${row.log_type} ${row.ip_prefix}`),
      [`update ${A.prefix}`, `update ${B.prefix}`],
    )
    assert.equal(receiver.rows.filter(row => row.event_type === 'log_init').length, 2)
  })

  it('it stays away: its data expire', async context => {
    const file = join(scratch(context), 'rpki.json')
    writeRoas(file, [A])
    const port = await freeTcpPort()
    const cache = await stayrtr(context, file, port)
    const receiver = new Receiver(context, port, '--expire', '3')
    await receiver.has({ log_type: 'end-of-data', entries: 3 })
    cache.kill('SIGKILL')
    await receiver.has({ log_type: 'delete', ip_prefix: A.prefix, origin_as: A.asn })
    await receiver.has({ log_type: 'end-of-data', entries: 0 })
    await receiver.stop()
    assert.match(receiver.said, /could not be refreshed in time/)
  })
})

describe('enrich --rpki from StayRTR', { skip: without('stayrtr') }, () => {
  it('live flows wait for the data, and see what changes', async context => {
    const file = join(scratch(context), 'rpki.json')
    writeRoas(file, [A])
    const port = await freeTcpPort()
    await stayrtr(context, file, port)
    const flow = () =>
      `${JSON.stringify({ timestamp_arrival: Date.now() / 1000, ip_dst: '192.0.2.1', mask_dst: 24, as_dst: 64496 })}\n`
    const side = `<(rpki-recv --rtr 127.0.0.1:${port})`
    const child = start(['run', `enrich --rpki ${side} --wait-for dump --fields roa_dst`])
    context.after(() => child.kill('SIGKILL'))
    let text = ''
    child.stdout?.on('data', chunk => {
      text += String(chunk)
    })
    child.stdin?.write(flow())
    const sending = setInterval(() => child.stdin?.write(flow()), 100)
    context.after(() => clearInterval(sending))
    await until(() => text.includes('\n'))
    assert.equal(text.split('\n')[0], '{"roa_dst":"v"}')
    writeRoas(file, [{ ...A, asn: 64497 }])
    await until(() => text.includes('{"roa_dst":"i"}'))
    writeRoas(file, [B])
    await until(() => text.includes('{"roa_dst":"u"}'))
    clearInterval(sending)
    child.stdin?.end()
    assert.equal((await ended(child)).status, 0)
  })
})

describe('rpki-client', { skip: without('rpki-client') }, () => {
  it('the file that it writes, without a repository: no entries, its time', async context => {
    const folder = scratch(context)
    const [cache, out] = [join(folder, 'cache'), join(folder, 'out')]
    for (const made of [cache, out]) mkdirSync(made)
    // As root it becomes its own user, who must get there.
    spawnSync('chmod', ['-R', 'a+rwx', folder], { env: ENVIRONMENT })
    // -n: only what the cache has, and that is nothing.
    const { stderr, status } = await runProgram(context, ['rpki-client', '-n', '-j', '-d', cache, out])
    if (status !== 0) return context.skip(`rpki-client does not run here: ${stderr.trim().split('\n').at(-1)}`)
    const result = await netally(['rpki-recv', '--file', join(out, 'json'), '--once'])
    assert.equal(result.status, 0, result.stderr)
    const rows = records(result.stdout)
    assert.deepEqual(
      rows.map(row => row.log_type ?? row.event_type),
      ['log_init', 'end-of-data', 'log_close'],
    )
    assert.ok(Math.abs(Number(rows[0]?.timestamp) - Date.now() / 1000) < 600)
  })
})
