// Attribute 10, CLUSTER_LIST (RFC 4456 section 8), the nearest cluster first.
import { ipv4Address } from '../nlri/prefix-text.ts'
import { type AttributeRow, lengthProblem, OPTIONAL } from './attribute.ts'

export const clusterList: AttributeRow = {
  code: 10,
  name: 'CLUSTER_LIST',
  flags: OPTIONAL,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 7606 section 7.10',
  decode: (octets, _view, start, end, draft) => {
    if (end === start || (end - start) % 4 !== 0) return lengthProblem(end - start, 'a multiple of 4 above 0')
    const clusters: string[] = []
    for (let at = start; at < end; at += 4) clusters.push(ipv4Address(octets, at))
    draft.values.cluster_list = clusters
    return undefined
  },
}
