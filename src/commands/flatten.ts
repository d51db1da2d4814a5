import { flatten } from '../operators/telemetry/flatten.ts'
import { operatorCommand } from '../runtime/command.ts'
import { LEAF_FLAGS, leafOptions } from '../runtime/leaf-flags.ts'

export default operatorCommand({
  summary: 'make messages of telemetry into one record a leaf: path, keys, value, rate',
  description: `Reads what telemetry-recv or pmtelemetryd wrote - to files, to Kafka - in any of its forms, or bare JSON documents of YANG-Push, and
writes what telemetry-recv --flat writes.`,
  examples: [
    "netally kafka-recv --topic telemetry --group rates | netally flatten --rate '*-octets'",
    'netally flatten --closes < messages.ndjson | netally dump --table --every 1m --file leaves.json',
  ],
  flags: LEAF_FLAGS,
  prepare: leafOptions,
  ...flatten,
})
