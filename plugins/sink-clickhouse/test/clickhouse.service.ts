// sink-clickhouse against the real server, which is old: without tokens, a batch may be there twice after a failure.
import { sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'
import { complianceClickhouse, skip } from './server.ts'

sinkCompliance('sink-clickhouse', {
  skip,
  make: context => complianceClickhouse(context, '--key', 'none'),
  duplicates: 'after-a-failure',
  refused: { record: n => ({ ...testRecord(n), bytes: 'no number' }) },
})
