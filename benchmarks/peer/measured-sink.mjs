// The ends of the library's runs: where its records or events go, and are counted.
import { Meter } from './meter.mjs'

/** @param {{rows: number, mode: 'sink' | 'callback' | 'nothing'}} job */
export function measuredSink(job) {
  const meter = new Meter(job.rows)
  let seen = 0

  /** Takes the records as bytes and drops them, but looks at where each begins and ends, so that none is free. */
  const dropBytes = {
    accepts: 'records',
    async write({ records }) {
      for (let at = records.first; at < records.end; at++) seen += records.valueEnd[at] - records.valueStart[at]
      if (meter.count(records.end - records.first)) meter.report()
      return 'durable'
    },
    async flush() {},
    async [Symbol.asyncDispose]() {},
  }

  /** Reads every column's value of every event. */
  async function readFields(events) {
    for (const event of events) {
      const row = event.after
      for (const column in row) if (row[column] !== null) seen++
    }
    if (meter.count(events.length)) meter.report()
  }

  /** Decodes nothing: what is left is reading the stream. */
  async function countEvents(events) {
    if (meter.count(events.length)) meter.report()
  }

  return { sink: dropBytes, callback: readFields, nothing: countEvents }[job.mode]
}
