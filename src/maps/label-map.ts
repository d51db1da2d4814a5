// A label as a map: `nkey%100.1,pkey%testing` is {"nkey":"100.1","pkey":"testing"} (pmacct's pre_tag_label_encode_as_map).

/** The pairs of a label. A part without `%` has an empty value; of two with one key the last holds. */
export function labelMap(label: string): { [key: string]: string } {
  const pairs = label.split(',').map(part => {
    const at = part.indexOf('%')
    return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
  })
  return Object.fromEntries(pairs)
}
