// Runs in a process of its own: an engine's use of a history file, with nothing else of an engine.
import type { Failpoint } from '../../../src/observe/failpoint.ts'
import { silentLogger } from '../../../src/observe/logger.ts'
import { fileSchemaHistory } from '../../../src/schema-history/file/file-history.ts'
import { sampleHistoryRecord } from '../../../src/testing/sample-history.ts'
import { systemClock } from '../../../src/time/clock.ts'

export interface HistoryOrder {
  readonly path: string
  /** Records in each append: 1, 2, 3 … one after the other, and the number of each that is durable is said. */
  readonly batch: number
  /** Kills itself when it reaches this failpoint in the append of this number. */
  readonly killAt?: { readonly point: Failpoint; readonly append: number }
}

const order = JSON.parse(process.argv[2] ?? '') as HistoryOrder
let append = 0

const history = fileSchemaHistory(order.path, {
  reach(point) {
    if (point !== order.killAt?.point || append !== order.killAt.append) return
    process.kill(process.pid, 'SIGKILL')
    for (;;); // The signal is delivered before anything else is done.
  },
})

try {
  await history.open({ clock: systemClock, logger: silentLogger }, new AbortController().signal)
  process.stdout.write('open\n')
  for (append = 1; ; append++) {
    await history.append(Array.from({ length: order.batch }, (_, index) => sampleHistoryRecord((append - 1) * order.batch + index + 1)))
    process.stdout.write(`${append * order.batch}\n`)
  }
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code ?? String(error)}\n`)
}
process.exit(0)
