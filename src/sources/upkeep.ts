/** What a source does between batches: maps that are read again, stores that are written. */
export type Upkeep = () => Promise<void>
