// The main job live: datagrams in, Ctrl-C in the middle of a bin, nothing is lost.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listening, send, taken } from '../services/programs.ts'
import { flowDatagram, totalsOf } from '../support/big-capture.ts'
import { ended, records, startShell } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { statsLines } from '../support/stats.ts'

const DATAGRAMS = 500
const skip = process.platform !== 'linux' && 'reads /proc'

const LINES: { readonly [title: string]: (listen: string) => string } = {
  'a pipe': listen =>
    `netally flow-recv --listen ${listen} --stats | netally aggregate --by ip_dst --bin 1h --time arrival --stats`,
  'a fused line': listen =>
    `netally run --stats 'flow-recv --listen ${listen} | aggregate --by ip_dst --bin 1h --time arrival'`,
}

describe('live', { skip }, () => {
  for (const [title, line] of Object.entries(LINES)) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`${signal} to all of ${title}: every flow that was sent is in the sums`, async () => {
        const port = await freeUdpPort()
        const pipe = startShell(line(`127.0.0.1:${port}`), { detached: true })
        const ending = ended(pipe)
        await listening(port)
        const payloads = Array.from({ length: DATAGRAMS }, (_, index) => ({ exporter: 1, octets: flowDatagram(index) }))
        await send(payloads, port)
        assert.equal(await taken(port), 0, 'the kernel dropped datagrams')
        // As a terminal does: the whole group gets the signal, the shell too.
        process.kill(-(pipe.pid as number), signal)
        const { stdout, stderr } = await ending
        const sums = records(stdout)
        const total = (name: string) => sums.reduce((sum, record) => sum + Number(record[name]), 0)
        assert.deepEqual(
          { records: total('flows'), packets: total('packets'), bytes: total('bytes') },
          totalsOf(DATAGRAMS),
          stderr,
        )
        const all = statsLines(stderr)
        assert.equal(all.length, 2, stderr)
        for (const stats of all) assert.equal(stats.balance, 0, JSON.stringify(stats))
      })
    }
  }
})
