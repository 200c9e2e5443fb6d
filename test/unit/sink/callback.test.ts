import { describe, expect, test } from 'vitest'
import { ChangeEvent } from '../../../src/event/change-event.ts'
import { TailraceError } from '../../../src/error/tailrace-error.ts'
import { callbackSink, eachEvent } from '../../../src/sink/callback/callback.ts'
import { sampleEvent, sampleEvents } from '../../../src/testing/index.ts'
import { seedOf } from '../offset/seed.ts'

const signal = new AbortController().signal
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Handles events that are let go one by one; tells what has begun and what has ended. */
class Gate {
  readonly log: string[] = []
  readonly #waiting = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
  readonly handle = async (event: ChangeEvent): Promise<void> => {
    const name = nameOf(event)
    this.log.push(`+${name}`)
    await new Promise<void>((resolve, reject) => this.#waiting.set(name, { resolve, reject }))
    this.log.push(`-${name}`)
  }

  async end(name: string, error?: Error): Promise<void> {
    const { resolve, reject } = this.#waiting.get(name)!
    if (error === undefined) resolve()
    else reject(error)
    await turn()
  }
}

function nameOf(event: ChangeEvent): string {
  return `${event.op}${event.afterImage === undefined ? '' : event.low}.${event.ordinal}`
}

/** Changes of the given keys, numbered in order. */
function changes(...ids: number[]): ChangeEvent[] {
  return ids.map((id, ordinal) => sampleEvent({ id, ordinal }))
}

describe('each event', () => {
  test('one after the other, without more being asked for', async () => {
    const gate = new Gate()
    const done = eachEvent(gate.handle)(changes(1, 2), signal)
    await turn()
    expect(gate.log).toEqual(['+c1.0'])
    await gate.end('c1.0')
    await gate.end('c2.1')
    await done
    expect(gate.log).toEqual(['+c1.0', '-c1.0', '+c2.1', '-c2.1'])
  })

  test('of different keys side by side, of one key never, and no more at once than asked for', async () => {
    const gate = new Gate()
    const done = eachEvent(gate.handle, { concurrency: 2 })(changes(1, 1, 2, 3), signal)
    await turn()
    expect(gate.log).toEqual(['+c1.0', '+c2.2'])
    await gate.end('c2.2')
    expect(gate.log).toEqual(['+c1.0', '+c2.2', '-c2.2', '+c3.3'])
    await gate.end('c1.0')
    expect(gate.log.at(-1)).toBe('+c1.1')
    await gate.end('c1.1')
    await gate.end('c3.3')
    await done
  })

  test('a rejection rejects the batch once what runs has settled, and begins nothing more', async () => {
    const gate = new Gate()
    let settled = false
    const done = eachEvent(gate.handle, { concurrency: 2 })(changes(1, 1, 2, 2, 3), signal).finally(() => (settled = true))
    done.catch(() => {})
    await turn()
    await gate.end('c1.0', new Error('refused'))
    expect(settled).toBe(false)
    await gate.end('c2.2')
    await expect(done).rejects.toThrow('refused')
    expect(gate.log).toEqual(['+c1.0', '+c2.2', '-c2.2'])
  })

  test('a truncate waits for all before it, and all after it wait', async () => {
    const gate = new Gate()
    const [before, truncate, after] = [sampleEvent({ id: 1 }), sampleEvent({ id: 9, ordinal: 1 }), sampleEvent({ id: 2, ordinal: 2 })]
    Object.assign(truncate, { op: 't', afterImage: undefined })
    const done = eachEvent(gate.handle, { concurrency: 8 })([before, truncate, after], signal)
    await turn()
    expect(gate.log).toEqual(['+c1.0'])
    await gate.end('c1.0')
    expect(gate.log.at(-1)).toBe('+t.1')
    await gate.end('t.1')
    await gate.end('c2.2')
    await done
  })

  test('so does a transaction’s end, and whatever else is of no row', async () => {
    const gate = new Gate()
    const [first, second] = changes(1, 2)
    const end = new ChangeEvent('e', first!.table, first!.transaction, 'false', 0, 0, 1, 0, undefined, undefined, undefined, { id: '1:9', counts: [] })
    const done = eachEvent(gate.handle, { concurrency: 4 })([first!, end, second!], signal)
    await turn()
    expect(gate.log).toEqual(['+c1.0'])
    await gate.end('c1.0')
    expect(gate.log).toEqual(['+c1.0', '-c1.0', '+e.1'])
    await gate.end('e.1')
    expect(gate.log.at(-1)).toBe('+c2.1')
    await gate.end('c2.1')
    await done
  })

  test('a key of one’s own decides what stays in order', async () => {
    const gate = new Gate()
    const done = eachEvent(gate.handle, { concurrency: 8, keyOf: () => 'one' })(changes(1, 2), signal)
    await turn()
    expect(gate.log).toEqual(['+c1.0'])
    await gate.end('c1.0')
    await gate.end('c2.1')
    await done
  })

  test('whatever the delays, each key stays in order and nothing is left out', async () => {
    let state = seedOf('each event')
    const random = (below: number): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % below
    for (let run = 0; run < 50; run++) {
      const events = changes(...Array.from({ length: 60 }, () => random(8)))
      const ended: ChangeEvent[] = []
      let running = 0
      let most = 0
      await eachEvent(async (event) => {
        most = Math.max(most, ++running)
        for (let turns = random(4); turns > 0; turns--) await turn()
        running--
        ended.push(event)
      }, { concurrency: 4 })(events, signal)
      expect(ended).toHaveLength(events.length)
      expect(most).toBeLessThanOrEqual(4)
      for (let id = 0; id < 8; id++) expect(ended.filter(({ low }) => low === id)).toEqual(events.filter(({ low }) => low === id))
    }
  })

  test.each([0, -1, 1.5, NaN])('a concurrency of %d is refused', (concurrency) => {
    expect(() => eachEvent(() => {}, { concurrency })).toThrow(expect.objectContaining({ code: 'TR_CONFIG_INVALID' }) as Error)
  })
})

describe('a function as a sink', () => {
  test('gets the batch and the signal; a synchronous one is as good', async () => {
    const calls: unknown[] = []
    const events = sampleEvents(2)
    expect(await callbackSink((...call) => void calls.push(call)).write({ events, records: undefined }, signal)).toBe('durable')
    expect(calls).toEqual([[events, signal]])
  })

  test('what it throws becomes a coded error without a row’s value; one of ours stays', async () => {
    const cause = new Error('down')
    const sink = callbackSink(() => {
      throw cause
    })
    await expect(sink.write({ events: sampleEvents(2), records: undefined }, signal)).rejects.toMatchObject({ code: 'TR_SINK_FAILED', where: { events: 2 }, cause })
    const own = new TailraceError('TR_SINK_CLOSED')
    await expect(callbackSink(() => Promise.reject(own)).write({ events: [], records: undefined }, signal)).rejects.toBe(own)
  })
})
