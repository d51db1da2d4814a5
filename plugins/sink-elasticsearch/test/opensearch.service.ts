// sink-elasticsearch against OpenSearch, which has scripts: the archive of Elasticsearch that there is has none.
import { after } from 'node:test'
import { startOpensearch } from '../../../test/services/servers/opensearch.ts'
import { scriptTests, searchTests } from './search-tests.ts'

const server = await startOpensearch({ after })
searchTests('OpenSearch', server)
scriptTests('OpenSearch', server)
