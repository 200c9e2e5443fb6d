import type { Field } from '../../event/schema.ts'
import { TailraceError } from '../../error/tailrace-error.ts'

/** Avro specification, "Names". */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A full name: everything before the last dot is the namespace. */
export interface FullName {
  readonly full: string
  readonly namespace: string | undefined
  readonly name: string
}

export function fullName(full: string): FullName {
  const dot = full.lastIndexOf('.')
  return { full, namespace: dot < 0 ? undefined : full.slice(0, dot), name: full.slice(dot + 1) }
}

/** Whether every part of a full name is a name. Java minds the last one only, other readers all of them. */
export function isLegalFullName(full: string): boolean {
  return full.split('.').every((part) => NAME.test(part))
}

/** @throws TailraceError TR_AVRO_NAME for a record's name that is not allowed, after adjustment. */
export function checkSchemaName(full: string, adjusted: boolean, table: string): void {
  // an adjusted name may still have a part that begins with a digit: as Debezium writes it, and Java reads it
  if (adjusted ? NAME.test(fullName(full).name) : isLegalFullName(full)) return
  const message = `Table ${table}: the schema's name "${full}" is not allowed in Avro`
  throw new TailraceError('TR_AVRO_NAME', { message, where: { table, name: full }, remedy: 'Set schemaNameAdjustment (schema.name.adjustment.mode) to "avro" or "avro_unicode"' })
}

/** @throws TailraceError TR_AVRO_NAME for a column's name that is not allowed. */
export function checkFieldNames(fields: readonly Field[], table: string): void {
  const wrong = fields.find(({ name }) => !NAME.test(name))
  if (wrong === undefined) return
  const message = `Table ${table}: the name of column "${wrong.name}" is not allowed in Avro`
  const remedy = 'Set fieldNameAdjustment (field.name.adjustment.mode) to "avro" or "avro_unicode", rename the column, or leave it out'
  throw new TailraceError('TR_AVRO_NAME', { message, where: { table, column: wrong.name }, remedy })
}
