import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Engine as Whole } from '../../src/engine/engine.ts'
import { simulate, type EngineClass } from './simulation.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FIRST = 1
const SEEDS = 600

/** A line of the core, and what it becomes: an engine that loses, repeats, or hangs. */
const MUTATIONS: Record<string, readonly [file: string, from: string, to: string]> = {
  'what the sink only accepted counts as durable': ['ledger', `if (status === 'durable' && (units > 0 || this.#accepted === undefined))`, `if (status === 'durable' || units > 0)`],
  'a keepalive makes durable what was only accepted': ['ledger', `if (status === 'durable' && (units > 0 || this.#accepted === undefined))`, `if (status === 'durable')`],
  'the offset follows what was sent': ['ledger', 'const mark = this.#durable!', 'const mark = this.#sent!'],
  'the source is told before the offset is stored': ['ledger', 'await this.#store.save(offset)', 'void this.#store.save(offset).catch(() => {})'],
  'the source is told what is durable': ['ledger', `this.#options.reach('ledger.settled')`, 'this.#confirm(position)'],
  'the sink is not flushed before the offset is stored': ['ledger', 'await options.flushSink().catch((error: unknown) => this.#lose(toSinkError(error)))', 'await Promise.resolve()'],
  'a flush that failed is tried again': ['ledger', 'this.#lost = true', 'this.#lost = false'],
  'the end of a flush takes back what became durable meanwhile': ['ledger', 'if (this.#durable === undefined || !isBehind(accepted, this.#durable)) this.#durable = accepted', 'this.#durable = accepted'],
  'what the sink accepted during a flush counts as flushed': ['ledger', 'if (this.#accepted === accepted) this.#accepted = undefined', 'this.#durable = this.#accepted ?? accepted; this.#accepted = undefined'],
  'a part of a change is not stored': ['ledger', '...(partial > 0 ? { partial } : {})', '...{}'],
  'a new connection keeps the marks of the one before': ['ledger', 'this.#sent = this.#durable = stream.startsOver ? undefined : this.#stored', 'void 0'],
  'a new snapshot keeps the marks of the one before': ['ledger', 'stream.startsOver ? undefined : this.#stored', 'this.#stored'],
  'the last save is left out': ['ledger', 'const save = this.#save()', 'const save = Promise.resolve()'],
  'a save that failed counts as one': ['ledger', 'await this.#store.save(offset)', 'await this.#store.save(offset).catch(() => {})'],
  'two batches are written at once': ['pump', `if (delivery === undefined) break\n      await this.#settled()`, 'if (delivery === undefined) break'],
  'what was delivered before a stop in a change is delivered again': ['pump', 'this.#skip = skip', 'this.#skip = 0'],
  'the limit is not counted down': ['pump', 'this.#remaining -= delivery.units', 'void 0'],
  'a batch in flight is left behind': ['pump', `await this.#inFlight\n    }\n    await this.#settled()`, `await Promise.resolve()\n    }`],
  'a sink that ignores its signal is waited for': ['pump', 'await patiently(sink.write(batch, signal), LET_GO_MS, clock, signal)', 'await sink.write(batch, signal)'],
  'a rejection is taken for a delivery': ['pump', 'throw toSinkError(error)', `return 'durable'`],
  'a sink’s error is retried when it calls itself transient': ['retry', `isTailraceError(error) && error.kind !== 'transient'`, 'isTailraceError(error)'],
  'every error is retried': ['retry', `error.kind !== 'transient' || this.#attempts`, 'this.#attempts'],
  'no error is retried': ['retry', `error.kind !== 'transient' ||`, ''],
  'the delay may be nothing': ['retry', 'return ceiling / 2 + (ceiling / 2) * this.#random()', 'return ceiling * this.#random()'],
  'attempts are without limit': ['retry', '|| this.#attempts >= most', ''],
  'a cut in the middle of a change is forgotten': ['delivery', 'partial: end - change, barrier: false', 'partial: 0, barrier: false'],
  'a cut batch ends at its end': ['delivery', 'position: batch.position(change), partial, barrier', 'position: batch.position(events.length), partial, barrier'],
  'a buffer is used again too early': ['delivery', 'this.#turn = 1 - this.#turn', 'this.#turn = 0'],
}

/** The engine of a copy of src/ in which one line is another. */
async function mutant(folder: string, [file, from, to]: readonly [string, string, string]): Promise<EngineClass> {
  cpSync(path.join(ROOT, 'src'), folder, { recursive: true, filter: (name) => !/[/\\]src[/\\](cli|debezium|testing|source[/\\]postgres|sink[/\\].+[/\\]|offset[/\\].+[/\\])/.test(name) })
  const at = path.join(folder, 'engine', `${file}.ts`)
  const text = readFileSync(at, 'utf8')
  expect(text.split(from), `the line must be there once: ${from}`).toHaveLength(2)
  writeFileSync(at, text.replace(from, () => to))
  return ((await import(pathToFileURL(path.join(folder, 'engine', 'engine.ts')).href)) as { Engine: EngineClass }).Engine
}

/** The first seed that finds a violation, and what it is. */
async function search(Engine: EngineClass): Promise<string | undefined> {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const { violations } = await simulate(seed, Engine)
    if (violations.length > 0) return `seed ${seed}: ${violations[0]!}`
  }
  return undefined
}

test('the same seeds find nothing in the engine as it is', async () => {
  expect(await search(Whole)).toBeUndefined()
}, 60_000)

describe('the simulation notices when', () => {
  for (const [name, mutation] of Object.entries(MUTATIONS)) {
    test(name, async () => {
      mkdirSync(path.join(ROOT, '.tmp'), { recursive: true })
      const folder = mkdtempSync(path.join(ROOT, '.tmp', 'mutant-'))
      // a broken engine may well leave rejections behind that nobody handles
      const ignore = (): void => {}
      process.on('unhandledRejection', ignore)
      try {
        const Engine = await mutant(folder, mutation)
        const found = await search(Engine)
        expect(found, `not within ${SEEDS} seeds`).toBeDefined()
        console.log(`${name}: ${found!}`)
      } finally {
        process.off('unhandledRejection', ignore)
        rmSync(folder, { recursive: true, force: true })
      }
    }, 60_000)
  }
})
