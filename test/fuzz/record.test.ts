import { expect, test } from 'vitest'
import { startPostgres } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { CAPTURED_MAJORS, readCapture, writeCapture } from './capture.ts'
import { decodeCapture } from './decoding.ts'
import { record } from './recorder.ts'

/*
  The captures under capture/ are what real servers sent. This test records again and compares, so that the corpus never
  drifts from the servers; TAILRACE_RECORD=1 keeps what was recorded.
*/

const withPostgres = await requirePostgres(...CAPTURED_MAJORS)
withPostgres('recorded bytes', () => {
  test.each(CAPTURED_MAJORS)('PostgreSQL %i still sends what the capture holds', { timeout: 120_000 }, async (major) => {
    await using server = await startPostgres({ major })
    const fresh = await record(server)
    if (process.env['TAILRACE_RECORD'] === '1') console.log(`${major}: ${fresh.stream.length} bytes of stream, ${writeCapture(fresh)} bytes kept`)
    const kept = readCapture(major)
    // Positions, xids, times and oids differ from run to run; operations, tables and values do not.
    const plain = async (capture: typeof kept): Promise<unknown[]> => {
      const { events, error } = await decodeCapture(capture)
      expect(error).toBeUndefined()
      return events.map(({ op, table, before, after, message }) => ({ op, table, before, after, message }))
    }
    expect(await plain(fresh)).toEqual(await plain(kept))
    expect(fresh.results.map(({ columns }) => columns)).toEqual(kept.results.map(({ columns }) => columns))
    expect(fresh.notices.length).toBe(kept.notices.length)
  })
})
