/** Kafka's limit for a topic's name. */
const MAX_LENGTH = 249

/**
 * Where a table's events go: prefix, schema and table joined by the delimiter, blank parts left out, made a valid topic name
 * (Debezium's SchemaTopicNamingStrategy). Two tables whose names differ in invalid characters only share a topic, as they do there.
 */
export function topicName(prefix: string, delimiter: string, schema: string, table: string): string {
  return validTopicName([prefix, schema, table].filter((part) => part.trim() !== '').join(delimiter))
}

/** Where logical messages go, whatever the delimiter is (Debezium's LogicalDecodingMessageMonitor). */
export function messageTopic(prefix: string): string {
  return `${prefix}.message`
}

/** Where changes of the schema go. */
export function schemaChangeTopic(prefix: string): string {
  return validTopicName(prefix)
}

/** Where transactions' beginnings and ends go; `name` is `topic.transaction`. */
export function transactionTopic(prefix: string, delimiter: string, name: string): string {
  return validTopicName(`${prefix}${delimiter}${name}`)
}

/**
 * Replaces every character (UTF-16 unit) outside `[A-Za-z0-9._-]` by an underscore and cuts at 249 (Debezium's
 * AbstractTopicNamingStrategy.sanitizedTopicName).
 */
export function validTopicName(name: string): string {
  const valid = name.replace(/[^A-Za-z0-9._-]/g, '_')
  if (valid === '.' || valid === '..') return '_'.repeat(valid.length)
  return valid.slice(0, MAX_LENGTH)
}
