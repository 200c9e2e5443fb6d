import { describe, expect, test } from 'vitest'
import { createEngine, memoryOffsets, TailraceError, type Batch, type Format, type OffsetStore, type Sink, type StoredOffset } from '../../../src/index.ts'
import { sampleEvents } from '../../../src/testing/index.ts'
import { ScriptedSource } from './scripted-source.ts'

const BATCHES = [sampleEvents(2), sampleEvents(3, 3)]

/** Keeps records and offset in one place, and tells in which order it was asked. */
class TransactionalSink implements Sink {
  readonly accepts = 'events'
  readonly calls: string[] = []
  readonly committed: (StoredOffset | undefined)[] = []
  failing: TailraceError | undefined

  joinOffsets = (offsets: OffsetStore): OffsetStore => {
    this.calls.push('join')
    return {
      load: async (engine) => {
        this.calls.push('load')
        return offsets.load(engine)
      },
      save: async (offset) => {
        this.calls.push('save')
        await offsets.save(offset)
      },
      [Symbol.asyncDispose]: async () => offsets[Symbol.asyncDispose](),
    }
  }

  open = async ({ engine }: { readonly engine: string }): Promise<void> => {
    this.calls.push(`open ${engine}`)
    if (this.failing !== undefined) throw this.failing
  }

  async write(batch: Batch): Promise<'durable'> {
    this.calls.push('write')
    this.committed.push(batch.offset)
    return 'durable'
  }

  async flush(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

describe('a sink that stores the offset with the records', () => {
  test('is opened before the offset is read, and each batch brings the offset it ends at', async () => {
    const sink = new TransactionalSink()
    const offsets = memoryOffsets()
    await createEngine({ name: 'joined', source: new ScriptedSource(BATCHES, true), offsets, sink }).run()
    expect(sink.calls.slice(0, 4)).toEqual(['join', 'open joined', 'load', 'write'])
    expect(sink.committed.map((offset) => offset?.position['at'])).toEqual([2, 5])
    expect(offsets.current).toEqual(sink.committed.at(-1))
  })

  test('a sink that cannot be opened ends the engine before the source is touched', async () => {
    const sink = new TransactionalSink()
    sink.failing = new TailraceError('TR_SINK_FAILED', { message: 'no such stream' })
    const source = new ScriptedSource(BATCHES, true)
    await expect(createEngine({ name: 'joined', source, offsets: memoryOffsets(), sink }).run()).rejects.toMatchObject({ code: 'TR_SINK_FAILED' })
    expect(sink.calls).toEqual(['join', 'open joined'])
    expect(source.disposed).toBe(1)
  })
})

describe('a format that has to ask first', () => {
  test('is waited for before a batch is encoded', async () => {
    const calls: string[] = []
    const format: Format = {
      encode: (event, into) => {
        calls.push(`encode ${event.id}`)
        into.events++
      },
      ready: (events) => {
        calls.push(`ready ${events.length}`)
        return calls.length > 1 ? undefined : Promise.resolve().then(() => void calls.push('asked'))
      },
    }
    const sink: Sink = { accepts: 'records', write: async () => 'durable', flush: async () => {}, [Symbol.asyncDispose]: async () => {} }
    await createEngine({ name: 'asking', source: new ScriptedSource([sampleEvents(1), sampleEvents(1, 2)], true), offsets: memoryOffsets(), sink, format }).run()
    const [first, second] = [...sampleEvents(1), ...sampleEvents(1, 2)].map(({ id }) => id)
    expect(calls).toEqual(['ready 1', 'asked', `encode ${first}`, 'ready 1', `encode ${second}`])
  })
})
