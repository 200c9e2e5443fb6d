import { idle, mapped, only, refused, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, long, REGEX_LIST, text } from './value-type.ts'

const FAILURES = choice('fail', 'warn', 'skip', 'ignore')
const NO_LOSS = 'What cannot be decoded always stops the engine, for it may be rows'

/** How the binary log is read. */
export const BINLOG: readonly PropertyRule[] = only(['mysql', 'mariadb'], [
  mapped('database.server.id', integer(1, 4_294_967_295), 'Different from that of every other replica of the server', { required: true }),
  idle('database.server.id.offset', long(0), 'The log has one connection', { fallback: '10000' }),
  mapped('connect.keep.alive', BOOLEAN, 'A connection that is lost or silent is always replaced', { fallback: 'true', accepts: ['true'] }),
  mapped('connect.keep.alive.interval.ms', long(1), 'Heartbeats of the server come after 0.8 of it, as in Debezium; after 10 s when it is not set', { fallback: '60000' }),
  idle('use.nongraceful.disconnect', BOOLEAN, 'A connection that does not answer is given up at once', { fallback: 'false' }),
  idle('binlog.buffer.size', integer(0), 'Rows of a transaction that was rolled back are not in the log, or come with their end', { fallback: '0' }),
  idle('binlog.net.read.timeout', long(0), 'See `connect.keep.alive.interval.ms`', { fallback: '0' }),
  mapped('binlog.net.write.timeout', long(0), 'Seconds that the server waits for a sink that blocks; `0` is a day here', { fallback: '0' }),
  mapped('gtid.source.includes', REGEX_LIST, 'Rows of other sources are left out; what they did to the schema counts, and so do their GTIDs. Not beside `gtid.source.excludes`'),
  mapped('gtid.source.excludes', REGEX_LIST, 'See `gtid.source.includes`'),
  mapped('gtid.source.filter.dml.events', BOOLEAN, 'With `false` the two lists have no effect: a place is looked for by all GTIDs', { fallback: 'true' }),
  mapped('gtid.ignore.on.recovery', BOOLEAN, 'File and position count, not the GTIDs', { fallback: 'false' }),
  mapped('event.processing.failure.handling.mode', FAILURES, 'Of statements in the place of rows: with all but `fail` a warning for each, and their rows are lost. What cannot be decoded always stops the engine', { fallback: 'fail' }),
  idle('event.deserialization.failure.handling.mode', FAILURES, NO_LOSS, { fallback: 'fail' }),
  idle('inconsistent.schema.handling.mode', FAILURES, NO_LOSS, { fallback: 'fail' }),
  mapped('include.query', BOOLEAN, 'Where the server logs the statements (`binlog_rows_query_log_events`, MariaDB: `binlog_annotate_row_events`)', { fallback: 'false' }),
  idle('resolve.create.table.like.schema', BOOLEAN, 'What a table was made like is always known', { fallback: 'false' }),
]).concat(only(['mysql'], [
  idle('ddl.parser.type', choice('default', 'legacy'), 'There is one parser', { fallback: 'default' }),
  refused('database.jdbc.driver', 'A Java class', { type: text(), fallback: 'com.mysql.cj.jdbc.Driver', accepts: ['com.mysql.cj.jdbc.Driver'] }),
  refused('database.protocol', 'Of the JDBC driver', { type: text(), fallback: 'jdbc:mysql', accepts: ['jdbc:mysql'] }),
]))
