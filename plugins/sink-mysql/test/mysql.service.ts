// sink-mysql against the real server.
import { sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'
import { complianceMariadb, skip } from './server.ts'

const refused = { record: (n: number) => ({ ...testRecord(n), tag2: 'no number' }) }

sinkCompliance('sink-mysql', { skip, make: context => complianceMariadb(context), duplicates: 'never', refused })

sinkCompliance('sink-mysql --key none', {
  skip,
  make: context => complianceMariadb(context, '--key', 'none'),
  duplicates: 'never',
})
