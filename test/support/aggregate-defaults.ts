/** Flags of aggregate as they are parsed when none is given. */
export const AGGREGATE_DEFAULTS = {
  offset: '0',
  time: 'start',
  grace: '0',
  late: 'add',
  'top-by': 'bytes',
  'preprocess-type': 'any',
  'max-keys': 1e6,
}
