import { idle, mapped, only, refused, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, long, REPLICA_IDENTITY_LIST, text } from './value-type.ts'

const SLOT_NAME = text(/^[a-z0-9_]{1,63}$/, 'a slot name (lower-case letters, digits, underscores, at most 63)')

/** Slot, publication and what is confirmed to the server. */
export const REPLICATION: readonly PropertyRule[] = only(['postgresql'], [
  mapped('plugin.name', choice('decoderbufs', 'pgoutput'), 'Unset means `pgoutput` here', { fallback: 'decoderbufs', accepts: ['pgoutput'] }),
  mapped('slot.name', SLOT_NAME, '', { fallback: 'debezium' }),
  mapped('slot.drop.on.stop', BOOLEAN, '', { fallback: 'false' }),
  mapped('slot.max.retries', integer(), 'Times `slot.retry.delay.ms`: how long to wait for a slot that another connection uses', { fallback: '6' }),
  mapped('slot.retry.delay.ms', integer(), 'See `slot.max.retries`', { fallback: '10000' }),
  refused('slot.failover', 'Failover slots', { type: BOOLEAN, fallback: 'false', accepts: ['false'] }),
  refused('slot.stream.params', 'Further options of the output plugin'),
  mapped('internal.create.slot.command.timeout', long(1), 'Seconds to wait for the slot’s creation', { fallback: '90' }),
  mapped('publication.name', text(/./s, 'a name'), 'Quoted, so that spaces and capitals work', { fallback: 'dbz_publication' }),
  mapped('publication.autocreate.mode', choice('all_tables', 'filtered', 'disabled', 'no_tables'), '', { fallback: 'all_tables' }),
  refused('publish.via.partition.root', 'Changes name the partition', { type: BOOLEAN, fallback: 'false', accepts: ['false'] }),
  mapped('replica.identity.autoset.values', REPLICA_IDENTITY_LIST, 'Set at start on the captured tables'),
  mapped('status.update.interval.ms', integer(1), 'At most a third of the server’s `wal_sender_timeout`', { fallback: '10000' }),
  mapped('lsn.flush.mode', choice('connector', 'connector_and_driver', 'manual'), 'Positions are confirmed once they are durable and stored, also while nothing captured changes', {
    fallback: 'connector',
    accepts: ['connector', 'connector_and_driver'],
  }),
  mapped('flush.lsn.source', BOOLEAN, 'Positions are always confirmed by the engine', { fallback: 'true', accepts: ['true'] }),
  idle('lsn.flush.timeout.ms', integer(1), 'Confirming never blocks', { fallback: '30000' }),
  idle('lsn.flush.timeout.action', choice('fail', 'warn', 'ignore'), 'Confirming never blocks', { fallback: 'fail' }),
  mapped('offset.mismatch.strategy', choice('no_validation', 'trust_offset', 'trust_slot', 'trust_greater_lsn'), 'A slot that is ahead of the stored offset is always an error', {
    fallback: 'no_validation',
    accepts: ['no_validation', 'trust_offset'],
  }),
  idle('internal.slot.seek.to.known.offset.on.start', BOOLEAN, 'The stored offset always decides', { fallback: 'false' }),
  refused('xmin.fetch.interval.ms', '`source.xmin` is always null', { type: long(0), fallback: '0', accepts: ['0'] }),
]).concat([
  idle('internal.log.position.check.enable', BOOLEAN, 'The position is always checked', { fallback: 'true' }),
  refused('read.only', 'Belongs to incremental snapshots', { type: BOOLEAN, fallback: 'false', accepts: ['false'] }),
])
