// Everything here grows with what exporters send, so everything has a limit. Reaching one is counted under the name beside it.

/** Exporters with state of their own: `lost/too-many-exporters`. */
export const EXPORTERS = 10_000
/** An exporter that was silent so long makes room for a new one when EXPORTERS is reached. */
export const EXPORTER_IDLE_MS = 1_800_000
/** Observation domains, source ids or engines of one exporter; the one silent for longest goes: `domains-evicted`. */
export const DOMAINS_PER_EXPORTER = 256
/** Templates of one exporter (or TCP session); the one that was not refreshed for longest goes: `templates-evicted`. */
export const TEMPLATES_PER_EXPORTER = 1024
/** Larger templates are refused: `flow/template-too-large`. */
export const FIELDS_PER_TEMPLATE = 512
/** Fields of all templates together, each template counting TEMPLATE_FIELDS more for its plan: `templates-refused`. */
export const TEMPLATE_FIELDS_TOTAL = 4_000_000
export const TEMPLATE_FIELDS = 40
/** Entries in each table that an exporter's options fill, and in all tables of all: `learned-refused`. */
export const LEARNED_PER_TABLE = 16_384
export const LEARNED_TOTAL = 2_000_000
/** Octets of a learned name that are kept. */
export const LEARNED_NAME_OCTETS = 255
/** Data sets that wait for their template, of one exporter and of all: `lost/no-template`. */
export const HELD_OCTETS_PER_EXPORTER = 1_048_576
export const HELD_OCTETS_TOTAL = 67_108_864
/** What each of them counts beside its own octets. */
export const HELD_OVERHEAD_OCTETS = 256
/** By the record clock. Exporters send templates again every few minutes. */
export const HELD_AGE_MS = 900_000
/** Different lists of fields that are remembered; then all are forgotten and made again. */
export const FORMS = 1024
/** Texts made from numbers (application ids, RDs) that are remembered by one plan. */
export const TEXTS_PER_CACHE = 4096
