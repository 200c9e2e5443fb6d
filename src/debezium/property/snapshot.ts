import { idle, idleFamily, mapped, only, refused, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, long, REGEX_LIST, text } from './value-type.ts'

const BASED = 'snapshot.mode.configuration.based'
const MODES = ['always', 'initial', 'initial_only', 'no_data', 'when_needed']
const LOCKS = ['minimal', 'extended', 'none']
const PERCONA = ['minimal_percona', 'minimal_percona_no_table_locks']
const EXPORTED = 'A snapshot always reads what the new slot exports, which no isolation level can better'

/** The snapshot at start, and those asked for later. */
export const SNAPSHOT: readonly PropertyRule[] = [
  ...only(['postgresql'], [mapped('snapshot.mode', choice(...MODES, 'configuration_based', 'custom'), '', { fallback: 'initial', accepts: MODES })]),
  ...only(['mysql', 'mariadb'], [mapped('snapshot.mode', choice(...MODES, 'recovery', 'configuration_based', 'custom'), '', { fallback: 'initial', accepts: [...MODES, 'recovery'] })]),
  mapped('snapshot.delay.ms', long(0), '', { fallback: '0' }),
  mapped('snapshot.lock.timeout.ms', long(0), '', { fallback: '10000' }),
  ...only(['postgresql'], [
    idle('snapshot.locking.mode', choice('none', 'shared', 'custom'), 'Tables are always locked ACCESS SHARE, which blocks no reader and no writer', {
      fallback: 'none',
      accepts: ['none', 'shared'],
    }),
    idle('snapshot.isolation.mode', choice('serializable', 'repeatable_read', 'read_committed', 'read_uncommitted'), EXPORTED, { fallback: 'serializable' }),
    idle('snapshot.fetch.size', integer(0), 'Rows are streamed, not fetched in portions', { fallback: '10240' }),
  ]),
  ...only(['mysql'], [
    mapped('snapshot.locking.mode', choice(...LOCKS, ...PERCONA, 'custom'), 'Those of Percona Server are as `minimal`: until the position is known', { fallback: 'minimal', accepts: [...LOCKS, ...PERCONA] }),
  ]),
  ...only(['mariadb'], [mapped('snapshot.locking.mode', choice(...LOCKS, 'custom'), 'No mode needs a lock to be exact', { fallback: 'minimal', accepts: LOCKS })]),
  ...only(['mysql', 'mariadb'], [
    idle('snapshot.fetch.size', integer(0), 'Rows are streamed, not fetched in portions'),
    idle('min.row.count.to.stream.results', integer(0), 'Rows are always streamed', { fallback: '1000' }),
  ]),
  idle('query.fetch.size', integer(0), 'Rows are streamed, not fetched in portions', { fallback: '0' }),
  idle('snapshot.max.threads', integer(1), 'Tables are read one after the other', { fallback: '1' }),
  idle('snapshot.max.threads.multiplier', integer(1), 'Tables are read one after the other', { fallback: '1' }),
  idle('snapshot.max.threads.multiplier.<table>', integer(1), 'Tables are read one after the other', { family: /^snapshot\.max\.threads\.multiplier\./ }),
  idle('legacy.snapshot.max.threads', BOOLEAN, 'Tables are read one after the other', { fallback: 'false' }),
  ...only(['mariadb'], [idle('internal.legacy.snapshot.max.threads', BOOLEAN, 'Tables are read one after the other', { fallback: 'false' })]),
  idle('internal.snapshot.scan.all.columns.force', BOOLEAN, 'Columns are read with the tables', { fallback: 'false' }),
  refused('streaming.delay.ms', 'Streaming starts when the snapshot ends', { type: long(0), fallback: '0', accepts: ['0'] }),
  refused('snapshot.include.collection.list', 'All captured tables are read', { type: REGEX_LIST }),
  refused('snapshot.select.statement.overrides', 'Whole tables are read'),
  idleFamily('snapshot.select.statement.overrides', 'See `snapshot.select.statement.overrides`'),
  refused('snapshot.tables.order.by.row.count', 'The order of the tables cannot be chosen', {
    type: choice('disabled', 'ascending', 'descending'),
    fallback: 'disabled',
    accepts: ['disabled'],
  }),
  mapped('snapshot.query.mode', choice('select_all', 'custom'), 'Whole tables are read', { fallback: 'select_all', accepts: ['select_all'] }),
  idle('snapshot.query.mode.custom.name', text(), 'Belongs to `snapshot.query.mode` `custom`'),
  idle('snapshot.locking.mode.custom.name', text(), 'Belongs to `snapshot.locking.mode` `custom`'),
  idle('snapshot.mode.custom.name', text(), 'Belongs to `snapshot.mode` `custom`'),
  idle(`${BASED}.snapshot.data`, BOOLEAN, 'Belongs to `snapshot.mode` `configuration_based`', { fallback: 'false' }),
  idle(`${BASED}.snapshot.schema`, BOOLEAN, 'Belongs to `snapshot.mode` `configuration_based`', { fallback: 'false' }),
  idle(`${BASED}.start.stream`, BOOLEAN, 'Belongs to `snapshot.mode` `configuration_based`', { fallback: 'false' }),
  idle(`${BASED}.snapshot.on.schema.error`, BOOLEAN, 'Belongs to `snapshot.mode` `configuration_based`', { fallback: 'false' }),
  idle(`${BASED}.snapshot.on.data.error`, BOOLEAN, 'Belongs to `snapshot.mode` `configuration_based`', { fallback: 'false' }),
  idle('incremental.snapshot.chunk.size', integer(1), 'See `signal.data.collection`', { fallback: '1024' }),
  idle('incremental.snapshot.watermarking.strategy', choice('insert_insert', 'insert_delete'), 'See `signal.data.collection`', { fallback: 'insert_insert' }),
  idle('incremental.snapshot.allow.schema.changes', BOOLEAN, 'See `signal.data.collection`', { fallback: 'false' }),
]
