// What one would write first: lines, JSON.parse, a template string, fetch. The measure for sinks of time series.
//
//   node bench/sinks/naive-series.ts influxdb|opentsdb URL < records.ndjson
import { createInterface } from 'node:readline'

type Row = { readonly [name: string]: string | number }

const TAGS = ['as_src', 'as_dst']
const VALUES = ['packets', 'bytes']

const FORMS: { readonly [what: string]: { readonly batch: number; body(rows: readonly Row[]): string } } = {
  influxdb: {
    batch: 5000,
    body: rows =>
      rows
        .map(row => {
          const tags = TAGS.map(name => `,${name}=${row[name]}`).join('')
          const values = VALUES.map(name => `${name}=${row[name]}i`).join(',')
          return `netally${tags} ${values} ${row.stamp_inserted}000000000`
        })
        .join('\n'),
  },
  opentsdb: {
    batch: 250,
    body: rows =>
      JSON.stringify(
        rows.flatMap(row =>
          VALUES.map(name => ({
            metric: `netally.${name}`,
            timestamp: row.stamp_inserted,
            value: row[name],
            tags: Object.fromEntries(TAGS.map(tag => [tag, String(row[tag])])),
          })),
        ),
      ),
  },
}

const [what = '', url = ''] = process.argv.slice(2)
const form = FORMS[what]
if (!form) throw new Error(`influxdb or opentsdb, not "${what}"`)

async function send(rows: readonly Row[], body: (rows: readonly Row[]) => string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body: body(rows) })
  if (!answer.ok) throw new Error(await answer.text())
}

let rows: Row[] = []
for await (const line of createInterface({ input: process.stdin })) {
  rows.push(JSON.parse(line) as Row)
  if (rows.length < form.batch) continue
  await send(rows, form.body)
  rows = []
}
if (rows.length > 0) await send(rows, form.body)
