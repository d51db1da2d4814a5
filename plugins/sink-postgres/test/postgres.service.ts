// sink-postgres against the real server.
import { missingPrograms } from '../../../test/services/servers/programs.ts'
import { sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'
import { compliancePostgres } from './server.ts'

const skip = missingPrograms('postgresql', '/usr/lib/postgresql/*/bin/postgres', 'psql')?.skipped ?? false

/** A number of a tag that no bigint holds. */
const refused = { record: (n: number) => ({ ...testRecord(n), tag2: 'no number' }) }

sinkCompliance('sink-postgres', { skip, make: context => compliancePostgres(context), duplicates: 'never', refused })

sinkCompliance('sink-postgres --key none', {
  skip,
  make: context => compliancePostgres(context, '--key', 'none'),
  duplicates: 'never',
})
