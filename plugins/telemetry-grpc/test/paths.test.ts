import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ProblemError } from 'netally'
import { parsePath, pathText } from '../src/paths.ts'

const written = (text: string) => pathText({ origin: '', target: '', element: [], ...parsePath(text) })

it('a path and its text', () => {
  assert.deepEqual(parsePath('/interfaces/interface[name=eth0]/state'), {
    elem: [
      { name: 'interfaces', key: {} },
      { name: 'interface', key: { name: 'eth0' } },
      { name: 'state', key: {} },
    ],
  })
  for (const text of [
    '/a',
    '/a[b=c]',
    '/a[b=c][d=e/f]/g',
    '/a[b=x\\]y]/c',
    '/a[b=\\\\]',
    '/a[b=]/c',
    '/*/...',
    '/m:a/b',
    '/a[b=c d]',
  ]) {
    assert.equal(written(text), text)
  }
})

it('keys are in the order of their names; a slash at the end, or none at the start, is the same', () => {
  assert.equal(written('a[d=1][b=2]/c/'), '/a[b=2][d=1]/c')
})

it('an origin stands before the path; the root has no elements', () => {
  assert.deepEqual(parsePath('openconfig:/a'), { origin: 'openconfig', elem: [{ name: 'a', key: {} }] })
  assert.deepEqual(parsePath('/'), { elem: [] })
  // A module before a name is none.
  assert.equal(parsePath('/ietf-interfaces:interfaces').origin, undefined)
})

it('elements of gNMI before 0.4 are a path, too', () => {
  assert.equal(pathText({ origin: '', target: '', elem: [], element: ['a', 'b'] }), '/a/b')
})

it('what is no path is told', () => {
  for (const text of ['/a[b', '/a[b]', '/a]', '/a//b']) {
    assert.throws(
      () => parsePath(text),
      error => error instanceof ProblemError && error.problem.code === 'usage/bad-path',
      text,
    )
  }
})
