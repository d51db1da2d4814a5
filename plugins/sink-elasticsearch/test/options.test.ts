import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ProblemError } from 'netally'
import { elasticsearchOptions } from '../src/options.ts'
import { indexTemplate } from '../src/template.ts'

const parsed = (more: object) => ({ servers: 'http://127.0.0.1', template: true, ...more })
const problem = (code: string) => (error: unknown) => error instanceof ProblemError && error.problem.code === code

it('a data stream called netally where nothing is said', () => {
  const { index, isDataStream, nodes, template, key } = elasticsearchOptions(parsed({}))
  assert.equal(index.of({}, 0), 'netally')
  assert.equal(isDataStream, true)
  assert.equal(key, undefined)
  assert.equal(nodes.current.href, 'http://127.0.0.1:9200/')
  assert.equal(template?.name, 'netally-netally')
})

it('indices by field and time: the template is for all of them', () => {
  const { index, template } = elasticsearchOptions(parsed({ index: 'flows-$peer_ip_src-%Y.%m.%d' }))
  assert.equal(index.of({ peer_ip_src: '2001:DB8::1', stamp_inserted: 86_400 }, 0), 'flows-2001___8__1-1970.01.02')
  assert.equal(template?.name, 'netally-flows')
  assert.equal(template?.pattern, 'flows-*')
})

it('names that no index has', () => {
  for (const index of ['Flows', '-a', '$label', '%Y', 'a b', '']) {
    assert.throws(() => elasticsearchOptions(parsed({ index })), problem('usage/bad-index'), index)
  }
})

it('documents of a data stream are not changed', () => {
  assert.throws(() => elasticsearchOptions(parsed({ key: 'src_as' })), problem('usage/data-stream-merge'))
  assert.deepEqual(elasticsearchOptions(parsed({ key: 'src_as', merge: 'keep' })).key, ['as_src'])
  assert.equal(elasticsearchOptions(parsed({ key: 'auto', index: 'sums' })).merge, 'add')
})

it('a node after the other', () => {
  const { nodes } = elasticsearchOptions(parsed({ servers: 'https://a.example/es,https://[2001:db8::1]:9201' }))
  assert.equal(nodes.current.href, 'https://a.example:9200/es')
  nodes.next()
  assert.equal(nodes.current.href, 'https://[2001:db8::1]:9201/')
  nodes.next()
  assert.equal(nodes.current.host, 'a.example:9200')
})

it('the template has a rule for each type, and says which form it is of', () => {
  const form = (more: object) => {
    const { template } = elasticsearchOptions(parsed(more))
    return template && (indexTemplate(template) as { _meta: { netally: string } })
  }
  assert.deepEqual(form({}), form({}))
  assert.notEqual(form({})?._meta.netally, form({ 'unsigned-long': true })?._meta.netally)
  const rules = JSON.stringify(form({}))
  for (const type of ['ip', 'long', 'double', 'date', 'keyword', 'geo_point'])
    assert.match(rules, new RegExp(`"type":"${type}"`))
})
