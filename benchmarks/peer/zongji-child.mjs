// Reads a file of the binary log with zongji or its fork until all rows have come, every field of each.
import { Meter } from './meter.mjs'

const job = JSON.parse(process.argv[2])
const { default: ZongJi } = await (job.library === 'zongji' ? import('zongji') : import('@vlasky/zongji'))
const meter = new Meter(job.rows)
let seen = 0
const reader = new ZongJi({ host: job.host, port: job.port, user: 'root', password: '' })
reader.on('error', (error) => { throw error })
reader.on('binlog', (event) => {
  if (event.getEventName() !== 'writerows') return
  for (const row of event.rows) for (const column in row) if (row[column] !== null) seen++
  if (meter.count(event.rows.length)) meter.report()
})
reader.start({ serverId: job.serverId, filename: job.file, position: 4, includeEvents: ['tablemap', 'writerows'], includeSchema: { [job.database]: [job.table] } })
