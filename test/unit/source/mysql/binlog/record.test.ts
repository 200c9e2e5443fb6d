import { expect, test } from 'vitest'
import { requireMariadb, requireMysql } from '../../../../server/require.ts'
import { CAPTURED_SERVERS, readCapture, writeCapture } from './capture.ts'
import { describeEvents } from './description.ts'
import { record, startCaptured } from './recorder.ts'

/*
  The captures under capture/ are what real servers wrote. This test records again and compares, so that they never drift from
  the servers; TAILRACE_RECORD=1 keeps what was recorded.
*/

await requireMysql()
const withServers = await requireMariadb('10.11', '11.8')
withServers('recorded logs', () => {
  test.each(CAPTURED_SERVERS)('%s still writes what the capture holds', { timeout: 180_000 }, async (name) => {
    await using server = await startCaptured(name)
    const fresh = await record(name, server)
    if (process.env['TAILRACE_RECORD'] === '1') console.log(`${name}: ${writeCapture(name, fresh)} bytes kept`)
    const kept = readCapture(name)
    const mariadb = name.startsWith('mariadb')
    // times, thread numbers and checksums differ from run to run; types of events, tables and rows do not
    for (const section of Object.keys(kept.sections)) expect(describeEvents(fresh.sections[section]!, mariadb), section).toEqual(describeEvents(kept.sections[section]!, mariadb))
  })
})
