// RPKI beside flows: a file that is read again, and what tells files from records.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ProblemError } from '../../../src/contract/problem.ts'
import { RpkiSource } from '../../../src/operators/enrich/rpki-source.ts'
import { rpkiInput } from '../../../src/runtime/rpki-input.ts'
import { scratch } from '../../support/cli.ts'
import { TestHost } from '../../support/test-host.ts'

const roas = (...ases: number[]) => ({ roas: ases.map(asn => ({ asn, prefix: '10.0.0.0/8', maxLength: 8 })) })

describe('enrich --rpki', () => {
  it("a validator's file: a new one counts after a reload, one that is none does not", async context => {
    const path = join(scratch(context), 'rpki.json')
    writeFileSync(path, JSON.stringify(roas(1, 2)))
    const host = new TestHost()
    const source = new RpkiSource(await rpkiInput(path, host), () => {})
    const ases = () => [...source.table.set.roas].map(({ asn }) => asn)
    assert.deepEqual([source.side, source.table.isComplete, ases()], [undefined, true, [1, 2]])
    const { version } = source.table
    writeFileSync(path, '{ "roas": [')
    await source.reload(host)
    assert.deepEqual([ases(), host.codes], [[1, 2], ['rpki/bad-json']])
    writeFileSync(path, JSON.stringify(roas(3)))
    await source.reload(host)
    assert.deepEqual(ases(), [3])
    assert.ok(source.table.version > version, 'what was found out before holds no more')
  })

  it('files in one line, in many lines, with more than a glance in a line; lines of records', async context => {
    const path = join(scratch(context), 'rpki.json')
    const kind = async (text: string) => {
      writeFileSync(path, text)
      return Object.keys(await rpkiInput(path, new TestHost()))[0]
    }
    assert.equal(await kind(JSON.stringify(roas(1))), 'file')
    assert.equal(await kind(JSON.stringify(roas(1), null, '\t')), 'file')
    assert.equal(await kind(JSON.stringify(roas(...new Array(500).keys()))), 'file')
    assert.equal(await kind('{"seq":0,"event_type":"log_init"}\n{"seq":1}\n'), 'stream')
    assert.equal(await kind(''), 'stream')
  })

  it('a file that is broken from the start is a problem', async context => {
    const path = join(scratch(context), 'rpki.json')
    writeFileSync(path, '{\n "roas": [')
    await assert.rejects(rpkiInput(path, new TestHost()), ProblemError)
    await assert.rejects(rpkiInput(`${path}.none`, new TestHost()), ProblemError)
  })
})
