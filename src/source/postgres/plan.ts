import type { TailraceError } from '../../error/tailrace-error.ts'
import type { SnapshotMode } from './options.ts'
import type { PgPosition } from './position.ts'

/** What a start does: whether it reads the tables, and whether it follows the log afterwards. */
export interface Plan {
  readonly snapshot: boolean
  readonly stream: boolean
}

/**
 * Debezium's snapshot modes. `broken` is why the stored position cannot be resumed, undefined when it can: only
 * when_needed answers it with a new snapshot, and `always` takes one anyway.
 */
export function planStart(mode: SnapshotMode, stored: PgPosition | undefined, broken: TailraceError | undefined): Plan {
  const completed = stored?.phase === 'stream'
  switch (mode) {
    case 'always':
      return { snapshot: true, stream: true }
    case 'initial_only':
      return { snapshot: !completed, stream: false }
    case 'when_needed':
      return { snapshot: !completed || broken !== undefined, stream: true }
    case 'initial':
    case 'no_data':
      if (completed && broken !== undefined) throw broken
      return { snapshot: mode === 'initial' && !completed, stream: true }
  }
}
