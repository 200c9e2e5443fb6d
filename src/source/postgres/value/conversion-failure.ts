import { TailraceError } from '../../../error/tailrace-error.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { Fail } from './reader.ts'

/** The column a failure is reported for. */
export interface ColumnPlace {
  readonly schema: string
  readonly table: string
  readonly column: string
  readonly type: string
}

/**
 * What happens to values of one column that cannot be represented (`event.converting.failure.handling.mode`): `fail` throws;
 * `warn` reports and writes null, `skip` writes null. A required column cannot be null: it always throws, as Debezium's
 * engine stops. One error object a column and reason, because a column that fails once tends to fail in every row.
 */
export function failure(place: ColumnPlace, optional: boolean, modes: HandlingModes, warn: (error: TailraceError) => void): Fail {
  const known = new Map<string, TailraceError>()
  return (writer, why) => {
    if (!optional || modes.conversionFailure === 'fail') throw conversionError(place, why)
    if (modes.conversionFailure === 'warn') {
      let error = known.get(why)
      if (error === undefined) known.set(why, (error = conversionError(place, why)))
      warn(error)
    }
    writer.null()
  }
}

function conversionError(place: ColumnPlace, why: string): TailraceError {
  return new TailraceError('TR_VALUE_CONVERSION', {
    message: `A value of ${place.schema}.${place.table}.${place.column} (${place.type}) cannot be represented: ${why}`,
    where: { ...place },
  })
}
