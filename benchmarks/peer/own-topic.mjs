// Every run into Kafka has a topic of its own, named after its slot.

/** `topic.prefix`. */
export const prefixOf = (job) => job.slot
export const topicOf = (job) => `${prefixOf(job)}.public.${job.table}`

/**
 * Has the topic of `job` made before `use` and deleted after it: else the disk would hold every run.
 * @template T
 * @param {import('./all.mjs').Job} job
 * @param {(wanted: {broker: import('../broker.mjs').Broker, topic: string, rows: number}) => Promise<T>} use
 */
export async function withTopic(job, use) {
  const broker = /** @type {import('../broker.mjs').Broker} */ (job.broker)
  const topic = topicOf(job)
  await broker.createTopic(topic)
  try {
    return await use({ broker, topic, rows: job.rows })
  } finally {
    await broker.deleteTopic(topic)
  }
}
