// The index template: which type a field gets when it comes first. It is made of the dictionary's types, not of its fields.
import { createHash } from 'node:crypto'
import { allFields, type TableColumn, type TypeName, tableColumns } from 'netally'
import { BATCHES_FIELD } from './merge.ts'
import type { TemplateOptions } from './options.ts'

type Mapping = { readonly [name: string]: unknown }

const KEYWORD: Mapping = { type: 'keyword', ignore_above: 8191 }
const LONG: Mapping = { type: 'long' }

const MAPPINGS: { readonly [name in TypeName]: Mapping | undefined } = {
  unsigned: LONG,
  counter: LONG,
  real: { type: 'double' },
  // Seconds with a fraction, as records have them.
  time: { type: 'date', format: 'epoch_second' },
  address: { type: 'ip' },
  mac: KEYWORD,
  protocol: KEYWORD,
  etype: KEYWORD,
  direction: KEYWORD,
  text: KEYWORD,
  list: KEYWORD,
  // Nothing is known of it: the server looks at the first value.
  any: undefined,
}

/** Pairs of fields that are one place. */
export const PLACES: readonly { readonly name: string; readonly latitude: string; readonly longitude: string }[] = [
  { name: 'location_ip_src', latitude: 'lat_ip_src', longitude: 'lon_ip_src' },
  { name: 'location_ip_dst', latitude: 'lat_ip_dst', longitude: 'lon_ip_dst' },
]

/** Above that of the templates that servers bring. */
const PRIORITY = 300

/** Fields of one type share one rule: an index has those that came, not all that there are. */
function rules(isUnsigned: boolean): Mapping[] {
  const mappingOf = ({ type }: TableColumn): Mapping | undefined => {
    const mapping = MAPPINGS[type]
    return isUnsigned && mapping === LONG ? { type: 'unsigned_long' } : mapping
  }
  const names = new Map<string, { mapping: Mapping; fields: string[] }>()
  for (const column of tableColumns(allFields()).columns) {
    const mapping = mappingOf(column)
    if (!mapping) continue
    const key = JSON.stringify(mapping)
    const known = names.get(key)
    if (known) known.fields.push(column.field.name)
    else names.set(key, { mapping, fields: [column.field.name] })
  }
  const known = [...names.values()].map(({ mapping, fields }) => ({
    [`netally_${mapping.type}${mapping.format === undefined ? '' : '_seconds'}`]: {
      match_pattern: 'regex',
      match: `^(${fields.map(field => field.replaceAll(/[^A-Za-z0-9_]/g, '\\$&')).join('|')})$`,
      mapping,
    },
  }))
  return [...known, { netally_texts: { match_mapping_type: 'string', mapping: KEYWORD } }]
}

/** The body of `PUT _index_template/NAME`. `_meta.netally` says of which form it is. */
export function indexTemplate(options: TemplateOptions): Mapping {
  const { pattern, isDataStream, shards, replicas, keep, isUnsigned } = options
  const places = PLACES.map(({ name }) => [name, { type: 'geo_point' }] as const)
  const body = {
    index_patterns: [pattern],
    priority: PRIORITY,
    ...(isDataStream ? { data_stream: {} } : {}),
    template: {
      settings: {
        ...(shards === undefined ? {} : { number_of_shards: shards }),
        ...(replicas === undefined ? {} : { number_of_replicas: replicas }),
      },
      mappings: {
        date_detection: false,
        numeric_detection: false,
        dynamic_templates: rules(isUnsigned),
        properties: {
          '@timestamp': { type: 'date' },
          [BATCHES_FIELD]: { type: 'keyword', index: false, doc_values: false },
          ...Object.fromEntries(places),
        },
      },
      ...(keep === undefined ? {} : { lifecycle: { data_retention: keep } }),
    },
  }
  const form = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16)
  return { ...body, _meta: { managed_by: 'netally', netally: form } }
}
