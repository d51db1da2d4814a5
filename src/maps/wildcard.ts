// `*` in names and paths.

/** The source of a regular expression for a text in which `*` is any part. */
export const wildcard = (text: string): string =>
  text
    .split('*')
    .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
