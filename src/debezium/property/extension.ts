import { CONVERTER_CLASSES } from '../column-converters.ts'
import { idle, idleFamily, mapped, only, refused, refusedFamily, type PropertyRule } from './rule.ts'
import { BOOLEAN, integer, LIST, long, text } from './value-type.ts'

const NO_HEARTBEAT = 'Not needed against a growing log: positions are confirmed while nothing captured changes'

/** `debezium.sink.type`. */
export const SINK_TYPES: readonly string[] = ['stdout', 'kafka', 'kinesis']

/** Signals, notifications, transformations and what else is plugged in. */
export const EXTENSION: readonly PropertyRule[] = [
  refused('heartbeat.interval.ms', NO_HEARTBEAT, { type: integer(0), fallback: '0', accepts: ['0'] }),
  refused('heartbeat.action.query', NO_HEARTBEAT),
  refused('signal.data.collection', 'Signals and incremental snapshots'),
  refused('signal.enabled.channels', 'Signals', { type: LIST, fallback: 'source', accepts: ['source'] }),
  idle('signal.poll.interval.ms', long(1), 'See `signal.data.collection`', { fallback: '5000' }),
  idle('signal.file', text(), 'See `signal.enabled.channels`'),
  idleFamily('signal.kafka', 'See `signal.enabled.channels`'),
  refused('notification.enabled.channels', 'Notifications'),
  idle('notification.sink.topic.name', text(), 'See `notification.enabled.channels`'),
  refused('transforms', 'Transformations'),
  idleFamily('transforms', 'See `transforms`'),
  refused('predicates', 'Transformations'),
  idleFamily('predicates', 'See `predicates`'),
  ...only(['postgresql'], [refused('converters', 'Custom converters')]),
  ...only(['mysql', 'mariadb'], [mapped('converters', LIST, `Debezium’s own, with all of their options: ${CONVERTER_CLASSES.map((name) => `\`${name}\``).join(', ')}`)]),
  refused('post.processors', 'Post-processors'),
  idleFamily('post.processors', 'See `post.processors`'),
  refused('openlineage.integration.enabled', 'OpenLineage', { type: BOOLEAN, fallback: 'false', accepts: ['false'] }),
  idleFamily('openlineage.integration', 'See `openlineage.integration.enabled`'),
  refused('config.providers', 'Kafka Connect’s configuration providers'),
  idleFamily('config.providers', 'See `config.providers`'),
  mapped('debezium.sink.type', text(), 'Debezium Server. Without it the command writes to standard output, and a program gives its own sink', { fallback: 'stdout', accepts: SINK_TYPES }),
  idleFamily('debezium.sink', 'See `debezium.sink.type`'),
  refused('debezium.api.enabled', 'Debezium Server’s HTTP interface', { type: BOOLEAN, fallback: 'false', accepts: ['false'] }),
  idle('debezium.api.port', integer(), 'See `debezium.api.enabled`'),
  idle('debezium.termination.wait', integer(), 'A stop waits for the batch under way', { fallback: '10' }),
  idle('debezium.engine.factory', text(), 'A Java class'),
  refusedFamily('quarkus.debezium', 'Write these as `debezium.source.<…>`'),
  idleFamily('quarkus', 'Settings of the Java server'),
]
