// Fields as dimensions and metrics of Druid.
import {
  type Field,
  fieldOf,
  fitsInt64,
  type NetRecord,
  type Role,
  type TableColumn,
  type TypeName,
  tableColumns,
  type Value,
} from 'netally'
import type { Shape } from './options.ts'

type Kind = 'string' | 'long' | 'double' | 'list'

const KINDS: { readonly [name in TypeName]: Kind } = {
  unsigned: 'long',
  counter: 'long',
  real: 'double',
  time: 'double',
  address: 'string',
  mac: 'string',
  protocol: 'string',
  etype: 'string',
  direction: 'string',
  text: 'string',
  list: 'list',
  any: 'string',
}

/** `or` has no aggregator: such a field tells rows apart. */
const AGGREGATORS: { readonly [role in Role]: 'Sum' | 'Min' | 'Max' | undefined } = {
  key: undefined,
  sum: 'Sum',
  min: 'Min',
  max: 'Max',
  or: undefined,
}

/** Druid has the time of a row in a column of this name. */
export const TIME = '__time'

export interface DruidColumn {
  readonly name: string
  readonly kind: Kind
  readonly aggregator: 'Sum' | 'Min' | 'Max' | undefined
}

function kindOf({ type, role }: TableColumn): Kind {
  // bytes_max and the like, which have no row of their own.
  return type === 'any' && AGGREGATORS[role] ? 'long' : KINDS[type]
}

function columnOf(column: TableColumn, { by, metrics }: Shape): DruidColumn | undefined {
  const { field, role } = column
  const isDimension = by?.includes(field.name) === true
  const isMetric = metrics?.includes(field.name) === true
  const aggregator = isDimension ? undefined : AGGREGATORS[role]
  if (by && !isDimension && !isMetric && !(metrics === undefined && aggregator)) return undefined
  if (metrics && !isMetric && aggregator) return undefined
  return { name: field.name, kind: kindOf(column), aggregator }
}

/**
 * Columns of fields, in their order; a field that --by and --metrics leave out has none. The bin is the time of its row, and no
 * dimension.
 */
export function druidColumns(fields: readonly Field[], shape: Shape): DruidColumn[] {
  const isTime = ({ name }: Field) => name === 'stamp_inserted' || name === 'stamp_updated' || name === TIME
  return tableColumns(fields.filter(field => !isTime(field))).columns.flatMap(column => columnOf(column, shape) ?? [])
}

/** The columns that --by and --metrics name, whatever comes. */
export function namedColumns(shape: Shape, metrics: readonly string[]): DruidColumn[] {
  return druidColumns([...(shape.by ?? []), ...(shape.metrics ?? metrics)].map(fieldOf), shape)
}

function dimension({ name, kind }: DruidColumn): object {
  if (kind === 'list') return { type: 'string', name, multiValueHandling: 'ARRAY' }
  return { type: kind, name }
}

/** `dataSchema` without its time stamp. */
export function dataSchema(columns: readonly DruidColumn[], shape: Shape): { readonly [part: string]: unknown } {
  const metrics = columns.filter(({ aggregator }) => aggregator)
  return {
    dataSource: shape.datasource,
    dimensionsSpec: { dimensions: columns.filter(({ aggregator }) => !aggregator).map(dimension) },
    metricsSpec: metrics.map(({ name, kind, aggregator }) => ({
      type: `${kind === 'double' ? 'double' : 'long'}${aggregator}`,
      name,
      fieldName: name,
    })),
    granularitySpec: {
      type: 'uniform',
      segmentGranularity: shape.segments.toUpperCase(),
      queryGranularity: shape.queries.toUpperCase(),
      rollup: shape.isRolledUp,
    },
  }
}

function fits(kind: Kind, value: Value): boolean {
  if (kind === 'double') return typeof value === 'number'
  if (kind === 'long') return (typeof value === 'number' || typeof value === 'bigint') && fitsInt64(value)
  return true
}

/** Why Druid would store something else than the record has, where it would: it takes what it cannot read as nothing. */
export function misfit(record: NetRecord, columns: readonly DruidColumn[]): string | undefined {
  for (const { name, kind } of columns) {
    if (kind === 'string' || kind === 'list') continue
    const value = record[name]
    if (value === undefined || value === null || fits(kind, value)) continue
    return `${name} ${JSON.stringify(String(value))} is no ${kind}`
  }
  return undefined
}
