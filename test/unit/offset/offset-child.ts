// Runs in a process of its own: an engine's use of an offset file, with nothing else of an engine.
import { createInterface } from 'node:readline'
import type { Failpoint } from '../../../src/observe/failpoint.ts'
import { fileOffsets } from '../../../src/offset/file/file-offsets.ts'
import { numbered } from './numbered.ts'

export interface ChildOrder {
  readonly path: string
  readonly engine: string
  /** `hold` keeps the store until stdin ends. `save-until-killed` saves 1, 2, 3 … and says each number that is durable. */
  readonly act: 'hold' | 'save-until-killed'
  /** Loads only once a line arrives on stdin. */
  readonly onCommand?: boolean
  /** Kills itself when it reaches this failpoint in the save of this number. */
  readonly killAt?: { readonly point: Failpoint; readonly number: number }
}

const order = JSON.parse(process.argv[2] ?? '') as ChildOrder
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
let saving = 0

const store = fileOffsets(order.path, {
  reach(point) {
    if (point !== order.killAt?.point || saving !== order.killAt.number) return
    process.kill(process.pid, 'SIGKILL')
    for (;;); // The signal is delivered before anything else is done.
  },
})

function say(what: object): void {
  process.stdout.write(`${JSON.stringify({ pid: process.pid, ...what })}\n`)
}

say({ ready: true })
if (order.onCommand === true) await lines.next()
try {
  const loaded = await store.load(order.engine)
  say({ held: true, loaded: loaded ?? null })
  if (order.act === 'hold') {
    await lines.next()
    await store[Symbol.asyncDispose]()
    say({ released: true })
  } else {
    for (saving = 1; ; saving++) {
      await store.save(numbered(order.engine, saving))
      say({ saved: saving })
    }
  }
} catch (error) {
  const { code, message, where, remedy } = error as { code?: string; message: string; where?: object; remedy?: string }
  say({ code: code ?? 'none', message, where, remedy })
}
process.exit(0)
