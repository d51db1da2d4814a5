// sink-elasticsearch against Elasticsearch.
import { after } from 'node:test'
import { startElasticsearch } from '../../../test/services/servers/elasticsearch.ts'
import { searchTests } from './search-tests.ts'

searchTests('Elasticsearch', await startElasticsearch({ after }))
