import { TailraceError } from '../error/tailrace-error.ts'
import type { CellWriter } from '../event/cell-writer.ts'
import type { HandlingModes } from '../event/handling-mode.ts'
import type { WriteValue } from '../event/schema.ts'

/**
 * Stands in for a value that the chosen representation cannot hold: writes null, or throws TR_VALUE_CONVERSION. `why` is
 * part of the message and never contains the value.
 */
export type Fail = (writer: CellWriter, why: string) => void

/** The column a failure is reported for. */
export interface ColumnPlace {
  readonly schema: string
  readonly table: string
  readonly column: string
  readonly type: string
}

/** Stands in where NULL is allowed. */
export const writeNull: WriteValue = (writer) => writer.null()

/**
 * What happens to values of one column that cannot be represented (`event.converting.failure.handling.mode`): `fail` throws;
 * `warn` reports and writes `standIn`, `skip` writes it. A column without one can be neither null nor anything else: it always throws, as
 * Debezium's engine stops. One error object a column and reason, because a column that fails once tends to fail in every row.
 */
export function failure(place: ColumnPlace, standIn: WriteValue | undefined, modes: HandlingModes, warn: (error: TailraceError) => void): Fail {
  const known = new Map<string, TailraceError>()
  return (writer, why) => {
    if (standIn === undefined || modes.conversionFailure === 'fail') throw conversionError(place, why)
    if (modes.conversionFailure === 'warn') {
      let error = known.get(why)
      if (error === undefined) known.set(why, (error = conversionError(place, why)))
      warn(error)
    }
    standIn(writer)
  }
}

function conversionError(place: ColumnPlace, why: string): TailraceError {
  return new TailraceError('TR_VALUE_CONVERSION', {
    message: `A value of ${place.schema}.${place.table}.${place.column} (${place.type}) cannot be represented: ${why}`,
    where: { ...place },
  })
}
