import type { CellWriter } from '../event/cell-writer.ts'
import type { Field, WriteValue } from '../event/schema.ts'
import { UNAVAILABLE } from '../event/unavailable.ts'
import type { ReadCell } from './cell-reader.ts'
import { ChangingWriter } from './changing-writer.ts'
import type { ColumnChange } from './column-rule.ts'

/** What becomes of a column's values. */
export type ValueChange =
  /** One text in the place of all of them, and of NULL. */
  | { readonly constant: string }
  /** Another text in the place of each. */
  | { readonly text: (text: string) => string }
  /** Texts have so many UTF-16 code units at most, bytes so many bytes. `isDocument`: code sees something else, whose text is meant. */
  | { readonly longest: number; readonly isDocument: boolean }

/** A column as a source compiles it. */
export interface CompiledCells {
  readonly field: Field
  readonly read: ReadCell
  readonly unavailable: WriteValue
  /** In the place of NULL; undefined: null(). */
  readonly nothing: WriteValue | undefined
  /** Writes what a key image does not carry, where a source has such. */
  readonly missing?: WriteValue
}

/** The column with its change. Nothing else of the row passes through here. */
export function changeCells<Cells extends CompiledCells>(cells: Cells, { parameters, values }: ColumnChange): Cells {
  const { field } = cells
  const told = { ...cells, field: { ...field, schema: { ...field.schema, parameters: { ...field.schema.parameters, ...parameters } } } }
  if (values === undefined) return told
  if ('constant' in values) {
    const write: WriteValue = (writer) => writer.string(values.constant)
    return { ...told, read: write, unavailable: write, nothing: write, ...(cells.missing === undefined ? {} : { missing: write }) }
  }
  const changing = new ChangingWriter(values)
  const through = (write: WriteValue): WriteValue => (writer) => write(changing.onto(writer))
  const { read, missing, nothing } = cells
  return {
    ...told,
    read: (writer: CellWriter, bytes: Buffer, start: number, end: number): void => read(changing.onto(writer), bytes, start, end),
    unavailable: through(cells.unavailable),
    nothing: nothing === undefined ? undefined : through(nothing),
    ...(missing === undefined ? {} : { missing: through(missing) }),
  }
}

/** Rows as JavaScript objects. */
interface Objects<Image> {
  toObject(image: Image): Record<string, unknown>
  toKey(image: Image): Record<string, unknown> | null
}

/** The values that code sees, changed like those of events. */
export function changeObjects<Image>(objects: Objects<Image>, names: readonly string[], changes: readonly (ColumnChange | undefined)[]): Objects<Image> {
  const changed = names.flatMap((name, index) => {
    const values = changes[index]?.values
    return values === undefined ? [] : [{ name, values }]
  })
  return {
    toObject: (image) => {
      const object = objects.toObject(image)
      for (const { name, values } of changed) object[name] = changeValue(object[name], values)
      return object
    },
    toKey: (image) => objects.toKey(image),
  }
}

function changeValue(value: unknown, change: ValueChange): unknown {
  if ('constant' in change) return change.constant
  if (value === null || value === UNAVAILABLE) return value
  if ('text' in change) return change.text(textOf(value))
  if (Buffer.isBuffer(value)) return value.length > change.longest ? Buffer.from(value.subarray(0, change.longest)) : value
  if (typeof value === 'string') return value.slice(0, change.longest)
  if (!change.isDocument) return value
  // the text of a document is what is cut, and then it is none any more
  const text = textOf(value)
  return text.length > change.longest ? text.slice(0, change.longest) : value
}

/** The labels of a SET have commas between them. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(',')
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? String(member) : member))
}
