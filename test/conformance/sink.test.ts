import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { callbackSink, eachEvent } from '../../src/sink/callback/callback.ts'
import type { Sink } from '../../src/sink/sink.ts'
import { streamSink } from '../../src/sink/stdout/stdout.ts'
import { faultySink, memorySink, sinkConformance, type MemorySink, type ReceivedRecord, type SinkPlace } from '../../src/testing/index.ts'

function callbackPlace(concurrency: number): SinkPlace {
  const done: string[] = []
  let refused = false
  const handle = eachEvent(async (event) => {
    if (refused) throw new Error('the cache is down')
    await Promise.resolve()
    done.push(event.id)
  }, { concurrency })
  return { sink: () => callbackSink(handle), received: async () => done, refuse: () => void (refused = true) }
}

function memoryPlace(accepts: Sink['accepts']): SinkPlace {
  const sink = memorySink({ accepts })
  return { sink: () => sink, received: async () => receivedBy(sink) }
}

function receivedBy(sink: MemorySink): (ReceivedRecord | string)[] {
  if (sink.accepts === 'events') return sink.events.map(({ id }) => id)
  return sink.records.map(({ destination, key, value, headers }) => ({
    destination, key: key?.toString() ?? null, value: value?.toString() ?? null, headers: Object.fromEntries(headers.map((header) => [header.name, header.value.toString()])),
  }))
}

/** Keys, values and headers of the suite are JSON: what stands for one in a line is found by asking JSON itself. */
function parseLines(text: string): ReceivedRecord[] {
  const asText = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))
  return text.split('\n').filter((line) => line !== '').map((line) => {
    const { destination, key, value, headers } = JSON.parse(line) as { destination: string; key: unknown; value: unknown; headers: Record<string, unknown> }
    return { destination, key: asText(key), value: asText(value), headers: Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, JSON.stringify(header)])) }
  })
}

function filePlace(): SinkPlace {
  const folder = mkdtempSync(path.join(tmpdir(), 'tailrace-conformance-'))
  const file = path.join(folder, 'out.ndjson')
  const descriptor = openSync(file, 'w')
  let open = true
  const close = (): void => {
    if (open) closeSync(descriptor)
    open = false
  }
  return {
    sink: () => streamSink(descriptor),
    received: async () => parseLines(readFileSync(file, 'utf8')),
    refuse: close,
    remove: async () => {
      close()
      rmSync(folder, { recursive: true })
    },
  }
}

function streamPlace(): SinkPlace {
  const stream = new PassThrough({ highWaterMark: 64 })
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return { sink: () => streamSink(stream), received: async () => parseLines(Buffer.concat(chunks).toString()), refuse: () => void stream.destroy() }
}

/** A pipe to another process, whose reader is `cat` into a file: what standard output is for a command in a pipeline. */
async function pipePlace(): Promise<SinkPlace> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tailrace-conformance-'))
  const file = path.join(folder, 'out.ndjson')
  const fifo = path.join(folder, 'fifo')
  const [made] = (await once(spawn('mkfifo', [fifo]), 'exit')) as [number]
  if (made !== 0) throw new Error('mkfifo failed')
  const reader = spawn('sh', ['-c', 'exec cat "$0" > "$1"', fifo, file], { stdio: 'ignore' })
  const ended = once(reader, 'exit')
  // opening a FIFO for writing waits for its reader
  const descriptor = openSync(fifo, 'w')
  let complete = -1
  return {
    sink: () => streamSink(descriptor),
    // the reader drains the pipe in its own time: what is there is complete when it has not grown for a while
    received: async () => {
      for (let size = complete; ; size = complete) {
        await new Promise((resolve) => setTimeout(resolve, 40))
        complete = readFileSync(file).length
        if (complete === size) return parseLines(readFileSync(file, 'utf8'))
      }
    },
    refuse: async () => {
      reader.kill()
      await ended
    },
    remove: async () => {
      reader.kill()
      await ended
      rmSync(folder, { recursive: true })
    },
  }
}

describe('the callback sink, one event at a time', () => {
  for (const check of sinkConformance('events', () => callbackPlace(1))) test(check.name, () => check.run())
})

describe('the memory sink, events', () => {
  for (const check of sinkConformance('events', () => memoryPlace('events'))) test(check.name, () => check.run())
})

describe('the memory sink, records', () => {
  for (const check of sinkConformance('records', () => memoryPlace('records'))) test(check.name, () => check.run())
})

describe('the stream sink onto a file', () => {
  for (const check of sinkConformance('records', filePlace)) test(check.name, () => check.run())
})

describe('the stream sink onto a stream', () => {
  for (const check of sinkConformance('records', streamPlace)) test(check.name, () => check.run())
})

describe('the stream sink onto a pipe', () => {
  for (const check of sinkConformance('records', pipePlace)) test(check.name, () => check.run())
})

describe('the faulty sink without a fault', () => {
  const place = (): SinkPlace => {
    const inner = memorySink()
    return { sink: () => faultySink(inner), received: async () => receivedBy(inner) }
  }
  for (const check of sinkConformance('records', place)) test(check.name, () => check.run())
})

describe('the conformance checks themselves', () => {
  const broken: Record<string, { change: (inner: MemorySink) => Partial<Sink>; caught: string }> = {
    'a sink that says nothing': { change: (inner) => ({ write: async (batch, signal) => void (await inner.write(batch, signal)) as never }), caught: 'batches arrive whole, once and in order' },
    'a sink that calls durable what it writes later': {
      change: (inner) => ({
        async write(batch, signal) {
          await Promise.resolve()
          setTimeout(() => void inner.write(batch, signal), 5)
          return 'durable'
        },
      }),
      caught: 'what it calls durable is there without a flush, with all that it accepted before',
    },
    'a sink whose flush does nothing': {
      change: (inner) => {
        let kept: Parameters<Sink['write']> | undefined
        return {
          async write(batch, signal) {
            if (kept !== undefined) await inner.write(...kept)
            kept = [batch, signal]
            return 'accepted'
          },
        }
      },
      caught: 'a flush makes everything durable, and finds nothing to do the second time',
    },
    'a sink that delivers twice': { change: (inner) => ({ write: async (batch, signal) => (await inner.write(batch, signal), inner.write(batch, signal)) }), caught: 'batches arrive whole, once and in order' },
    'a sink that keeps the buffer': {
      change: (inner) => {
        const kept: Parameters<Sink['write']>[] = []
        return {
          async write(...call) {
            kept.push(call)
            return 'accepted'
          },
          async flush() {
            for (const call of kept.splice(0)) await inner.write(...call)
          },
        }
      },
      caught: 'a batch is the caller’s again once the write has resolved',
    },
    'a sink that delivers all records': {
      change: (inner) => ({
        write: ({ events, records }, signal) => {
          records!.first = 0
          records!.end = records!.count
          return inner.write({ events, records }, signal)
        },
      }),
      caught: 'records outside of [first, end) are not delivered',
    },
    'a sink that takes the lists’ length for the count': {
      change: (inner) => ({
        write: ({ events, records }, signal) => {
          records!.end = records!.destination.length
          return inner.write({ events, records }, signal)
        },
      }),
      caught: 'lists that are longer than the batch are no records',
    },
    'a sink that cannot be interrupted': { change: () => ({ write: () => new Promise<never>(() => {}) }), caught: 'a write lets go when its signal aborts' },
    'a sink that says the wrong thing': { change: () => ({ accepts: 'events' }), caught: 'it says what it takes' },
  }
  for (const [name, { change, caught }] of Object.entries(broken)) {
    test(`${name} does not pass`, async () => {
      const check = sinkConformance('records', () => {
        const inner = memorySink()
        const sink: Sink = { accepts: 'records', write: inner.write.bind(inner), flush: inner.flush.bind(inner), [Symbol.asyncDispose]: inner[Symbol.asyncDispose].bind(inner), ...change(inner) }
        return { sink: () => sink, received: async () => receivedBy(inner) }
      }).find((one) => one.name === caught)
      await expect(check?.run()).rejects.toThrow()
    })
  }

  test('a sink that swallows a refusal does not pass', async () => {
    const check = sinkConformance('events', () => ({ ...callbackPlace(1), sink: () => ({ ...callbackSink(() => {}) }) })).find(({ name }) => name.startsWith('a destination that refuses'))
    await expect(check!.run()).rejects.toThrow('coded error')
  })
})
