// Records of one key in one document: sums are added by a script on the server, once for each batch.
import { fieldOf, type NetRecord, type Role, tableColumn, type Value } from 'netally'

/** Where a document remembers the batches that are in it. */
export const BATCHES_FIELD = 'netally_batches'
/** So many; at least as many as can be under way, of all who write to the same document. */
const REMEMBERED = 64

const roles = new Map<string, Role>()

function roleOf(name: string): Role {
  let role = roles.get(name)
  if (!role) {
    role = tableColumn(fieldOf(name))?.role ?? 'key'
    roles.set(name, role)
  }
  return role
}

type Numeric = number | bigint
const isNumber = (value: Value | undefined): value is Numeric => typeof value === 'number' || typeof value === 'bigint'

/** Exact as long as both are whole. */
function added(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (!Number.isInteger(a) || !Number.isInteger(b) || Number.isSafeInteger(sum)) return sum
  }
  const isWhole = (value: Numeric) => typeof value === 'bigint' || Number.isInteger(value)
  return isWhole(a) && isWhole(b) ? BigInt(a) + BigInt(b) : Number(a) + Number(b)
}

const first = (isFirst: boolean, a: Numeric, b: Numeric): Numeric => (isFirst ? a : b)

const merges: { readonly [role in Exclude<Role, 'key'>]: (a: Numeric, b: Numeric) => Numeric } = {
  sum: added,
  // Math.min and Math.max take no BigInt.
  min: (a, b) => first(a < b, a, b),
  max: (a, b) => first(a > b, a, b),
  or: (a, b) => BigInt(a) | BigInt(b),
}

/** Two records of one key as one; what is no counter is that of the second. */
export function mergedRecords(earlier: NetRecord, second: NetRecord): NetRecord {
  const merged: NetRecord = { ...earlier }
  for (const [name, value] of Object.entries(second)) {
    const role = roleOf(name)
    const old = merged[name]
    merged[name] = role === 'key' || !isNumber(old) || !isNumber(value) ? value : merges[role](old, value)
  }
  return merged
}

/**
 * A Painless script that puts `params.record` into a document, unless it remembers `params.batch`. Sums beyond 2^63-1 are an
 * error, which sets the record aside.
 */
const SCRIPT = `
def s = ctx._source;
if (s.${BATCHES_FIELD} == null) { s.${BATCHES_FIELD} = new ArrayList(); }
if (s.${BATCHES_FIELD}.contains(params.batch)) { ctx.op = 'none'; return; }
s.${BATCHES_FIELD}.add(params.batch);
if (s.${BATCHES_FIELD}.size() > ${REMEMBERED}) { s.${BATCHES_FIELD}.remove(0); }
for (e in params.record.entrySet()) {
  def role = params.roles[e.getKey()];
  def a = s[e.getKey()];
  def b = e.getValue();
  if (role == null || !(a instanceof Number) || !(b instanceof Number)) { s[e.getKey()] = b; continue; }
  if (a instanceof BigInteger || b instanceof BigInteger) { throw new IllegalArgumentException(e.getKey() + ' is beyond 2^63-1'); }
  boolean real = a instanceof Double || a instanceof Float || b instanceof Double || b instanceof Float;
  if (role == 'min') { s[e.getKey()] = a < b ? a : b; }
  else if (role == 'max') { s[e.getKey()] = a > b ? a : b; }
  else if (role == 'or') { s[e.getKey()] = ((Number)a).longValue() | ((Number)b).longValue(); }
  else if (real) { s[e.getKey()] = ((Number)a).doubleValue() + ((Number)b).doubleValue(); }
  else {
    long x = ((Number)a).longValue();
    long y = ((Number)b).longValue();
    long z = x + y;
    if (((x ^ z) & (y ^ z)) < 0L) { throw new IllegalArgumentException('the sum of ' + e.getKey() + ' is beyond 2^63-1'); }
    s[e.getKey()] = z;
  }
}`.replaceAll('\n', ' ')

/** The parts of an update of one document, without the document itself, which is the value of `upsert` and of `record`. */
export function updateText(document: string, record: NetRecord, batch: string): string {
  const named: { [name: string]: Role } = {}
  for (const name in record) {
    const role = roleOf(name)
    if (role !== 'key') named[name] = role
  }
  const source = JSON.stringify(SCRIPT)
  const params = `{"batch":${JSON.stringify(batch)},"roles":${JSON.stringify(named)},"record":${document}}`
  return `{"script":{"source":${source},"params":${params}},"upsert":{"${BATCHES_FIELD}":["${batch}"],${document.slice(1)}}`
}
