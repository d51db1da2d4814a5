// GeoIP of both ends, out of files that the test writes.
import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { ProblemError } from '../../../src/contract/problem.ts'
import type { NetRecord } from '../../../src/contract/record.ts'
import { type Column, makeColumn, putValue, takeValue } from '../../../src/fields/column.ts'
import { fieldOf } from '../../../src/fields/dictionary.ts'
import { geoipResolver } from '../../../src/operators/enrich/geoip.ts'
import type { Resolver } from '../../../src/operators/enrich/resolver.ts'
import { openGeoFiles } from '../../../src/runtime/geoip-file.ts'
import { scratch } from '../../support/cli.ts'
import { type MmdbValue, mmdb } from '../../support/mmdb-writer.ts'
import { TestHost } from '../../support/test-host.ts'

const AMSTERDAM = {
  country: { iso_code: 'NL' },
  city: { names: { en: 'Amsterdam', nl: 'Amsterdam' } },
  postal: { code: '1012' },
  location: { latitude: 52.37, longitude: 4.89 },
}
const CITIES: { readonly [prefix: string]: MmdbValue } = {
  '192.0.2.0/24': AMSTERDAM,
  '192.0.2.128/25': { registered_country: { iso_code: 'DE' } },
  '2001:db8::/32': { country: { iso_code: 'FR' }, location: { latitude: 0, longitude: -1.5 } },
}
const ASES: { readonly [prefix: string]: MmdbValue } = {
  '192.0.2.0/24': { autonomous_system_number: 64496, autonomous_system_organization: 'Example' },
}

function write(context: TestContext, type: string, entries: { readonly [prefix: string]: MmdbValue }): string {
  const path = join(scratch(context), `${type}.mmdb`)
  writeFileSync(path, mmdb(type, entries))
  return path
}

/** Fills one record by a resolver alone. */
function fill(resolver: Resolver, record: NetRecord): NetRecord {
  const names = [...resolver.reads, ...resolver.fills]
  const columns = names.map((name): Column => {
    const column = makeColumn(fieldOf(name))
    putValue(fieldOf(name), column, 0, record[name])
    return column
  })
  resolver.bind(name => names.indexOf(name))(columns, Int32Array.of(0), 0, 1)
  const found = resolver.fills.map(name => [name, takeValue(fieldOf(name), columns[names.indexOf(name)] as Column, 0)])
  return Object.fromEntries(found.filter(([, value]) => value !== undefined))
}

describe('GeoIP', () => {
  it('country, postal code, city, coordinates, AS of both ends, from two files', async context => {
    const paths = [write(context, 'City', CITIES), write(context, 'ASN', ASES)]
    const resolver = geoipResolver(await openGeoFiles(paths), () => true)
    assert.deepEqual(fill(resolver, { ip_src: '192.0.2.1', ip_dst: '2001:db8::1' }), {
      country_ip_src: 'NL',
      pocode_ip_src: '1012',
      city_ip_src: 'Amsterdam',
      lat_ip_src: 52.37,
      lon_ip_src: 4.89,
      asn_ip_src: 64496,
      as_name_ip_src: 'Example',
      country_ip_dst: 'FR',
      lat_ip_dst: 0,
      lon_ip_dst: -1.5,
    })
    assert.deepEqual(fill(resolver, { ip_src: '192.0.2.200', ip_dst: '198.51.100.1' }), {
      country_ip_src: 'DE',
      asn_ip_src: 64496,
      as_name_ip_src: 'Example',
    })
    assert.deepEqual(fill(resolver, { ip_dst: 'no address' }), {})
  })

  it('the first file that has a fact says it; the flat form of IPinfo', async context => {
    const flat = { '192.0.2.0/24': { country_code: 'XX', city: 'Elsewhere', asn: 'AS64499', lat: '1.5', lng: '-2' } }
    const paths = [write(context, 'ASN', ASES), write(context, 'flat', flat), write(context, 'City', CITIES)]
    const resolver = geoipResolver(await openGeoFiles(paths), field => field.endsWith('_src'))
    assert.deepEqual(resolver.reads, ['ip_src'])
    assert.deepEqual(fill(resolver, { ip_src: '192.0.2.1' }), {
      country_ip_src: 'XX',
      pocode_ip_src: '1012',
      city_ip_src: 'Elsewhere',
      lat_ip_src: 1.5,
      lon_ip_src: -2,
      asn_ip_src: 64496,
      as_name_ip_src: 'Example',
    })
  })

  it('a new file counts after a reload; one that is none does not, and is told', async context => {
    const path = write(context, 'City', CITIES)
    const resolver = geoipResolver(await openGeoFiles([path]), field => field === 'country_ip_src')
    const country = () => fill(resolver, { ip_src: '192.0.2.1' }).country_ip_src
    assert.equal(country(), 'NL')
    const host = new TestHost()
    writeFileSync(`${path}.new`, 'nothing')
    renameSync(`${path}.new`, path)
    await resolver.reload?.(host)
    assert.equal(country(), 'NL')
    assert.deepEqual(host.codes, ['geoip/unreadable'])
    writeFileSync(`${path}.new`, mmdb('City', { '192.0.2.0/24': { country: { iso_code: 'BE' } } }))
    renameSync(`${path}.new`, path)
    await resolver.reload?.(host)
    assert.equal(country(), 'BE')
    assert.equal(host.counters['maps/reloaded'], 1)
  })

  it('a file that is none is a problem from the start', async context => {
    const path = join(scratch(context), 'none.mmdb')
    await assert.rejects(openGeoFiles([path]), ProblemError)
    writeFileSync(path, 'nothing')
    await assert.rejects(openGeoFiles([path]), ProblemError)
    writeFileSync(path, '')
    await assert.rejects(openGeoFiles([path]), /none\.mmdb" cannot be read as a MaxMind DB: it is empty/)
  })
})
