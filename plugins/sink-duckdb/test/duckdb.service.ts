// sink-duckdb and its file, which is away while somebody else has it open.
import { sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'
import { complianceFile } from './database.ts'

sinkCompliance('sink-duckdb', {
  skip: false,
  make: context => complianceFile(context),
  duplicates: 'never',
  refused: { record: n => ({ ...testRecord(n), bytes: 'no number' }) },
})

sinkCompliance('sink-duckdb --key none', {
  skip: false,
  make: context => complianceFile(context, '--key', 'none'),
  duplicates: 'never',
})
