// Which source gives the AS and the prefix of a flow's end: pmacct's `nfacctd_as` and `nfacctd_net`.

export const METHOD = { none: 0, file: 1, netflow: 2, mask: 3, igp: 4, routes: 5 } as const
export type Method = (typeof METHOD)[keyof typeof METHOD]

/** Words of --as and --net. */
export const METHOD_WORDS: { readonly [word: string]: Method } = {
  file: METHOD.file,
  netflow: METHOD.netflow,
  sflow: METHOD.netflow,
  mask: METHOD.mask,
  igp: METHOD.igp,
  'bgp-ls': METHOD.igp,
  bgp: METHOD.routes,
  bmp: METHOD.routes,
}
export const METHOD_NAMES: { readonly [method in Method]: string } = {
  [METHOD.none]: 'none',
  [METHOD.file]: 'file',
  [METHOD.netflow]: 'netflow',
  [METHOD.mask]: 'mask',
  [METHOD.igp]: 'igp',
  [METHOD.routes]: 'bgp',
}

export interface Policy {
  /** The longest prefix wins, of equal ones the later method; else the first method that knows. */
  readonly longest: boolean
  readonly methods: readonly Method[]
}

/** Lengths of an end's prefix by method, -1 = it does not know. */
export type Lengths = { readonly [method in Method]: number }

export function winner({ longest, methods }: Policy, lengths: { readonly [method: number]: number }): Method {
  let best: Method = METHOD.none
  for (const method of methods) {
    const length = lengths[method] as number
    if (length < 0) continue
    if (!longest) return method
    if (best === METHOD.none || length >= (lengths[best] as number)) best = method
  }
  return best
}

/** Of `longest`: each next one wins with a prefix that is as long. */
export const LONGEST_NET: readonly Method[] = [METHOD.file, METHOD.netflow, METHOD.igp, METHOD.routes]
export const LONGEST_AS: readonly Method[] = [METHOD.file, METHOD.netflow, METHOD.routes]
