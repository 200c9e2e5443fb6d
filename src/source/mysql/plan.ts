import type { TailraceError } from '../../error/tailrace-error.ts'
import type { SnapshotMode } from './options.ts'
import type { MysqlPosition } from './position.ts'

/** What a start does. */
export interface Plan {
  /** Reads the tables' rows. */
  readonly rows: boolean
  /** Reads the tables' definitions as they are now, into a history that begins anew. */
  readonly definitions: boolean
  /** Follows the log afterwards. */
  readonly stream: boolean
}

/**
 * Debezium's snapshot modes. `broken` is why the stored position cannot be resumed, undefined when it can: only when_needed answers it with
 * a new snapshot, and `always` takes one anyway. `recovery` keeps the position and reads the definitions of now, which is right as
 * long as they have not changed since.
 */
export function planStart(mode: SnapshotMode, stored: MysqlPosition | undefined, broken: TailraceError | undefined): Plan {
  const completed = stored?.phase === 'stream'
  switch (mode) {
    case 'always':
      return { rows: true, definitions: true, stream: true }
    case 'initial_only':
      return { rows: !completed, definitions: !completed, stream: false }
    case 'when_needed': {
      const needed = !completed || broken !== undefined
      return { rows: needed, definitions: needed, stream: true }
    }
    case 'recovery':
      // a lost history is what it is for
      if (completed && broken !== undefined && broken.code !== 'TR_MYSQL_HISTORY_MISSING') throw broken
      return { rows: false, definitions: true, stream: true }
    case 'initial':
    case 'no_data':
      if (completed && broken !== undefined) throw broken
      return { rows: mode === 'initial' && !completed, definitions: !completed, stream: true }
  }
}
