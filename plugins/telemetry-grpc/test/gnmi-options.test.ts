import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { ProblemError } from 'netally'
import { scratch } from '../../../test/support/cli.ts'
import { dialInOptions } from '../src/gnmi-options.ts'
import { subscribeRequest } from '../src/subscription.ts'

const USUAL = {
  mode: 'stream',
  subscribe: 'target-defined',
  encoding: 'json_ietf',
  poll: '30s',
  timeout: '10s',
  keepalive: '5m',
  'max-message': '16M',
  hosts: 'r1',
  path: ['/a'],
}
const options = (more: object = {}) => dialInOptions({ ...USUAL, ...more })
const problem = (code: string) => (error: unknown) => error instanceof ProblemError && error.problem.code === code

it('the usual port, TLS unless told otherwise', () => {
  const { targets, tls } = options({ hosts: 'r1, [2001:db8::1]:57400' })
  assert.deepEqual(
    [...targets.values()].map(({ name, address }) => [name, address]),
    [
      ['r1', 'r1:9339'],
      ['[2001:db8::1]:57400', '[2001:db8::1]:57400'],
    ],
  )
  assert.equal(tls?.rejectUnauthorized, true)
  assert.equal(options({ plaintext: true }).tls, undefined)
})

it('paths of a file have settings of their own', context => {
  const file = join(scratch(context), 'paths')
  writeFileSync(
    file,
    '# counters\n/a[k=x y]/b mode=sample interval=10s suppress=true heartbeat=1m\n\nos:/c mode=on_change\n/d\n',
  )
  const { list } = options({ path: undefined, paths: file, subscribe: 'sample', interval: '500ms', origin: 'oc' })
  const { subscribe } = subscribeRequest(list) as { subscribe: { subscription: unknown[] } }
  assert.deepEqual(subscribe.subscription, [
    {
      path: {
        origin: 'oc',
        elem: [
          { name: 'a', key: { k: 'x y' } },
          { name: 'b', key: {} },
        ],
      },
      mode: 2,
      sample_interval: '10000000000',
      suppress_redundant: true,
      heartbeat_interval: '60000000000',
    },
    { path: { origin: 'os', elem: [{ name: 'c', key: {} }] }, mode: 1 },
    { path: { origin: 'oc', elem: [{ name: 'd', key: {} }] }, mode: 2, sample_interval: '500000000' },
  ])
})

it('with a prefix the origin is its own', () => {
  const { list } = options({ prefix: '/p', target: '*', origin: 'oc' })
  assert.deepEqual(list.prefix, { origin: 'oc', target: '*', elem: [{ name: 'p', key: {} }] })
  assert.deepEqual(list.subscriptions[0]?.path, { elem: [{ name: 'a', key: {} }] })
})

it('once and poll have no cadence', () => {
  const { list } = options({ mode: 'once', subscribe: 'sample', interval: '1s' })
  assert.deepEqual(subscribeRequest(list), {
    subscribe: {
      mode: 1,
      encoding: 4,
      updates_only: false,
      subscription: [{ path: { elem: [{ name: 'a', key: {} }] } }],
    },
  })
})

it('targets of a file have settings of their own, and are read again', context => {
  const folder = scratch(context)
  const [file, secret] = [join(folder, 'targets'), join(folder, 'secret')]
  writeFileSync(secret, 'pw1\n')
  writeFileSync(file, `r1:1 name=core1 user=u password-file=${secret} server-name=r1.example\nr2\n`)
  const made = options({ hosts: undefined, targets: file })
  assert.deepEqual(made.targets.get('core1'), {
    name: 'core1',
    address: 'r1:1',
    credentials: { user: 'u', password: 'pw1' },
    serverName: 'r1.example',
  })
  writeFileSync(file, 'r3\n')
  assert.deepEqual([...made.again().targets.keys()], ['r3'])
  // Nobody, as long as the file says so.
  writeFileSync(file, '')
  assert.equal(made.again().targets.size, 0)
})

it('what cannot be is told', context => {
  const file = join(scratch(context), 'file')
  writeFileSync(file, '/a mode=often\n')
  for (const [code, more] of [
    ['usage/no-target', { hosts: undefined }],
    ['usage/same-target', { hosts: 'r1,r1' }],
    ['usage/no-path', { path: undefined }],
    ['usage/bad-path-setting', { paths: file }],
    ['usage/bad-target-setting', { targets: file }],
    ['usage/unreadable-file', { paths: '/nonexistent/paths' }],
    ['usage/bad-duration', { interval: 'often' }],
    ['usage/needs-poll', { polls: 3 }],
    ['usage/bad-endpoint', { hosts: 'r1:99999999' }],
  ] as const) {
    assert.throws(() => options(more), problem(code), code)
  }
})
