import type { CellWriter } from '../event/cell-writer.ts'
import type { Schema } from '../event/schema.ts'

/**
 * Reads one cell, the server's bytes at [start, end), and calls exactly one primitive of the writer or one begin … end
 * sequence. Nothing is kept: the bytes belong to the caller.
 */
export type ReadCell = (writer: CellWriter, bytes: Buffer, start: number, end: number) => void

/** What a schema is apart from its column: whether NULL is allowed and the default are the column's. */
export type Shape = Omit<Schema, 'optional' | 'default'>
