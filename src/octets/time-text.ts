// Times as text: RFC 3339 and pmacct's form.

/** A time in seconds, in the form asked for. pmacct prints bin stamps without a fraction. */
export function timeText(
  seconds: number,
  format: 'epoch' | 'rfc3339' | 'pmacct',
  field: { readonly name: string },
): string | number {
  if (format === 'epoch') return seconds
  const wholeSeconds = field.name === 'stamp_inserted' || field.name === 'stamp_updated'
  if (format === 'pmacct' && seconds === 0) return `0000-00-00 00:00:00${wholeSeconds ? '' : '.000000'}`
  const microseconds = Math.round(seconds * 1e6)
  const whole = Math.floor(microseconds / 1e6)
  const fraction = String(microseconds - whole * 1e6).padStart(6, '0')
  const date = new Date(whole * 1000)
  if (format === 'rfc3339') return `${date.toISOString().slice(0, 19)}.${fraction}Z`
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString()
  const text = `${local.slice(0, 10)} ${local.slice(11, 19)}`
  return wholeSeconds ? text : `${text}.${fraction}`
}
