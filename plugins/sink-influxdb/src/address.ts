// Where each InfluxDB takes lines, and how it knows us.
import { basicAuthorization, type TimeUnit } from 'netally'
import type { Api, InfluxdbOptions } from './options.ts'

/** How each version calls the units; nothing = nanoseconds, the default of all. */
const UNITS: { readonly [api in Api]: { readonly [unit in TimeUnit]?: string } } = {
  1: { us: 'u', ms: 'ms', s: 's' },
  2: { us: 'us', ms: 'ms', s: 's' },
  3: { ns: 'nanosecond', us: 'microsecond', ms: 'millisecond', s: 'second' },
}

const PATHS: { readonly [api in Api]: string } = { 1: '/write', 2: '/api/v2/write', 3: '/api/v3/write_lp' }

export function writePath({
  api,
  endpoint,
  database,
  organisation,
  retentionPolicy,
  precision,
}: InfluxdbOptions): string {
  const query = new URLSearchParams(api === 2 ? { bucket: database } : { db: database })
  if (api === 2 && organisation !== undefined) query.set('org', organisation)
  if (api === 1 && retentionPolicy !== undefined) query.set('rp', retentionPolicy)
  const unit = UNITS[api][precision]
  if (unit !== undefined) query.set('precision', unit)
  const before = endpoint.path.replace(/\/+$/, '')
  return `${before === '' ? '' : `/${before}`}${PATHS[api]}?${query}`
}

export function authorization({ api, token, user, password }: InfluxdbOptions): { [header: string]: string } {
  if (token !== undefined) return { authorization: `${api === 2 ? 'Token' : 'Bearer'} ${token}` }
  return user === undefined ? {} : { authorization: basicAuthorization(user, password ?? '') }
}
