import { sinkElasticsearch } from './sink-elasticsearch.ts'

export const commands = { 'sink-elasticsearch': sinkElasticsearch }
