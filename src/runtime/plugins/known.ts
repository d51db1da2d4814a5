// Commands that are in packages of their own, for who asks for one that is not installed.

/** Package of each command. */
export const KNOWN_COMMANDS: { readonly [command: string]: string } = {
  ...sinks('kafka', 'amqp', 'postgres', 'mysql', 'duckdb', 'clickhouse', 'elasticsearch', 'cassandra', 'druid'),
  ...sinks('prometheus', 'influxdb', 'opentsdb', 'redis', 'nats', 'mqtt'),
  'kafka-recv': 'netally-plugin-sink-kafka',
  'amqp-recv': 'netally-plugin-sink-amqp',
  'gnmi-recv': 'netally-plugin-telemetry-grpc',
  'grpc-recv': 'netally-plugin-telemetry-grpc',
}

function sinks(...backends: readonly string[]): { [command: string]: string } {
  return Object.fromEntries(backends.map(name => [`sink-${name}`, `netally-plugin-sink-${name}`]))
}
