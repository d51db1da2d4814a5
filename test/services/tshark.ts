// tshark as a judge: fields of a capture, as it reads them.
import { spawnSync } from 'node:child_process'

/** Reassembly would move what fragments and segments say to another frame. */
const AS_THEY_STAND = ['ip.defragment', 'ipv6.defragment', 'tcp.desegment_tcp_streams'].flatMap(name => [
  '-o',
  `${name}:FALSE`,
])

/** A row a frame, in it all occurrences of each field. `ports` are those of this protocol of collectors. */
export function framesByTshark<Name extends string>(
  path: string,
  names: readonly Name[],
  protocol?: 'cflow' | 'sflow',
  ports: readonly number[] = [],
): Record<Name, readonly string[]>[] {
  const decode = ports.flatMap(port => ['-d', `udp.port==${port},${protocol}`])
  const words = [
    '-n',
    '-r',
    path,
    ...AS_THEY_STAND,
    ...decode,
    '-T',
    'fields',
    '-E',
    'occurrence=a',
    '-E',
    'aggregator=|',
  ]
  const { stdout, error } = spawnSync('tshark', [...words, ...names.flatMap(name => ['-e', name])], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  if (error) throw error
  const lines = stdout.split('\n').slice(0, -1)
  return lines.map(line => {
    const cells = line.split('\t')
    const row = names.map((name, index) => [name, cells[index] ? (cells[index] as string).split('|') : []])
    return Object.fromEntries(row) as Record<Name, readonly string[]>
  })
}
