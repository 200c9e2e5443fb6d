import type { Field } from '../event/schema.ts'
import { TailraceError } from '../error/tailrace-error.ts'

/**
 * Debezium's `schema.name.adjustment.mode` and `field.name.adjustment.mode`: names that Avro does not allow are left (`none`), get
 * underscores for what is not allowed (`avro`), or `_uXXXX`, where the underscore itself is escaped too (`avro_unicode`).
 */
export type NameAdjustment = 'none' | 'avro' | 'avro_unicode'

/** A schema's full name; dots separate its namespace. */
export function adjustSchemaName(name: string, adjustment: NameAdjustment): string {
  return adjust(name, adjustment, /[A-Za-z0-9.]/)
}

/** A field's name; a dot is not allowed. */
export function adjustFieldName(name: string, adjustment: NameAdjustment): string {
  return adjust(name, adjustment, /[A-Za-z0-9]/)
}

/**
 * The fields under their adjusted names.
 * @throws TailraceError TR_NAME_COLLISION where two of them become one.
 */
export function adjustFields(fields: readonly Field[], adjustment: NameAdjustment, table: string): readonly Field[] {
  if (adjustment === 'none') return fields
  const taken = new Map<string, string>()
  return fields.map(({ name, schema }) => {
    const adjusted = adjustFieldName(name, adjustment)
    const other = taken.get(adjusted)
    if (other !== undefined) {
      const message = `Columns "${other}" and "${name}" of ${table} both become "${adjusted}"`
      throw new TailraceError('TR_NAME_COLLISION', { message, where: { table, name: adjusted, adjustment } })
    }
    taken.set(adjusted, name)
    return { name: adjusted, schema }
  })
}

/** By UTF-16 units, as Java counts: an emoji is two characters (Debezium's SchemaNameAdjuster.validFullname). */
function adjust(name: string, adjustment: NameAdjustment, following: RegExp): string {
  if (adjustment === 'none') return name
  const unicode = adjustment === 'avro_unicode'
  let adjusted = ''
  for (let i = 0; i < name.length; i++) {
    const unit = name[i]!
    const valid = (i === 0 ? /[A-Za-z]/ : following).test(unit) || (unit === '_' && !unicode)
    if (valid) adjusted += unit
    else if (unicode) adjusted += escapeUnit(unit)
    // Only here is a first digit kept, so that two columns that differ in it alone stay apart.
    else adjusted += i === 0 && /\p{Nd}/u.test(unit) ? `_${unit}` : '_'
  }
  return adjusted
}

/** Debezium pads one and two hex digits with two zeros, and longer ones not at all: `_u0022`, `_u43a`. */
function escapeUnit(unit: string): string {
  const hex = unit.charCodeAt(0).toString(16)
  return `_u${hex.length <= 2 ? '00' : ''}${hex}`
}
