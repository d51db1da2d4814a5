// What is asked of Druid: a task of batch ingestion, a supervisor of Kafka ingestion.
import type { KafkaSource, Shape } from './options.ts'
import { type DruidColumn, dataSchema, TIME } from './schema.ts'

/** Rows stay in memory until there are so many. */
const ROWS_IN_MEMORY = 150_000

/** A task that appends rows; `rows` are lines of JSON, with their time in ms as `__time`. */
export function batchTask(id: string, shape: Shape, columns: readonly DruidColumn[], rows: string): object {
  return {
    type: 'index_parallel',
    id,
    // It appends beside others, and beside compaction.
    context: { useConcurrentLocks: true },
    spec: {
      dataSchema: { ...dataSchema(columns, shape), timestampSpec: { column: TIME, format: 'millis' } },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'inline', data: rows },
        inputFormat: { type: 'json' },
        appendToExisting: true,
      },
      tuningConfig: {
        type: 'index_parallel',
        maxNumConcurrentSubTasks: 1,
        maxRowsInMemory: ROWS_IN_MEMORY,
        partitionsSpec: { type: 'dynamic' },
        // With a row that it cannot read the task fails, and says so.
        reportParseExceptions: true,
      },
    },
  }
}

/** The body of `POST /druid/indexer/v1/supervisor`: records as sink-kafka writes them, rolled up as they come. */
export function supervisorSpec(
  shape: Shape,
  kafka: KafkaSource,
  columns: readonly DruidColumn[],
  time: string,
): object {
  return {
    type: 'kafka',
    spec: {
      dataSchema: { ...dataSchema(columns, shape), timestampSpec: { column: time, format: 'posix' } },
      ioConfig: {
        type: 'kafka',
        topic: kafka.topic,
        inputFormat: { type: 'json' },
        consumerProperties: { 'bootstrap.servers': kafka.brokers },
        taskCount: kafka.tasks,
        replicas: kafka.replicas,
        taskDuration: 'PT1H',
        useEarliestOffset: true,
      },
      tuningConfig: { type: 'kafka', maxRowsInMemory: ROWS_IN_MEMORY, logParseExceptions: true },
    },
  }
}
