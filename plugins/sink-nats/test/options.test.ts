import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ProblemError } from 'netally'
import { natsOptions } from '../src/options.ts'

const parsed = (more: object) => ({ servers: '127.0.0.1', subject: 'netally', 'stream-window': '10m', ...more })
const problem = (code: string) => (error: unknown) => error instanceof ProblemError && error.problem.code === code

it('a stream takes what the subject can become', () => {
  const { subject, subjects, stream } = natsOptions(parsed({ subject: 'flows.$peer_ip_src.%Y%m%d', stream: 'FLOWS' }))
  assert.equal(subjects, 'flows.*.*')
  assert.equal(subject.of({ peer_ip_src: '192.0.2.1', stamp_inserted: 86_400 }, 0), 'flows.192_0_2_1.19700102')
  assert.equal(stream?.windowMs, 600_000)
})

it('a value never makes another token or a wildcard', () => {
  const { subject } = natsOptions(parsed({ subject: 'x.$label' }))
  assert.equal(subject.of({ label: 'a.b >*' }, 0), 'x.a_b___')
})

it('several servers, TLS when one says so', () => {
  const { endpoints, tls } = natsOptions(parsed({ servers: 'tls://a.example,b.example:4333' }))
  assert.deepEqual(
    endpoints.map(({ host, port }) => [host, port]),
    [
      ['a.example', 4222],
      ['b.example', 4333],
    ],
  )
  assert.equal(tls?.rejectUnauthorized, true)
})

it('subjects and streams that NATS does not have', () => {
  for (const subject of ['', 'a..b', 'a b', 'a.>', '.a']) {
    assert.throws(() => natsOptions(parsed({ subject })), problem('usage/bad-subject'), subject)
  }
  assert.throws(() => natsOptions(parsed({ stream: 'a.b' })), problem('usage/bad-stream'))
})
