import { beforeEach, describe, expect, test } from 'vitest'
import { Ledger, type LedgerOptions } from '../../../src/engine/ledger.ts'
import { TailraceError } from '../../../src/error/tailrace-error.ts'
import type { OffsetStore } from '../../../src/offset/offset-store.ts'
import type { ChangeStream } from '../../../src/source/source.ts'
import { ManualClock, settle } from './manual-clock.ts'
import { At } from './scripted-source.ts'

let clock: ManualClock
let log: string[]
/** Rejections to come: of saves, of flushes. */
let saveErrors: Error[]
let flushErrors: Error[]
/** A save that waits for this. */
let slowSave: Promise<void> | undefined
let slowFlush: Promise<void> | undefined

beforeEach(() => {
  clock = new ManualClock()
  log = []
  saveErrors = []
  flushErrors = []
  slowSave = slowFlush = undefined
})

function ledgerOf(options: Partial<LedgerOptions> = {}): Ledger {
  const store: OffsetStore = {
    load: async () => undefined,
    async save({ position, partial }) {
      const error = saveErrors.shift()
      await slowSave
      if (error !== undefined) throw error
      log.push(`stored ${position['at'] as number}${partial === undefined ? '' : `+${partial}`}`)
    },
    [Symbol.asyncDispose]: async () => {},
  }
  const ledger = new Ledger(store, {
    engine: 'unit', source: 'scripted', clock, reach: () => {}, intervalMs: 1_000, every: 100, failAfterMs: 5_000,
    warn: ({ code }) => log.push(`warning ${code}`), saved: () => {}, fail: ({ code }) => log.push(`failed ${code}`),
    flushSink: async () => {
      const error = flushErrors.shift()
      await slowFlush
      if (error !== undefined) throw error
      log.push('flushed')
    },
    ...options,
  })
  ledger.attach({ identity: {}, startsOver: false, acknowledge: (position: At) => log.push(`confirmed ${position.at}`) } as unknown as ChangeStream)
  return ledger
}

function deliver(ledger: Ledger, at: number, status: 'durable' | 'accepted' = 'durable', units = 1): void {
  ledger.send(new At(at), 0)
  ledger.settle(new At(at), 0, units, status)
}

describe('when an offset is stored', () => {
  test('the first at once, then one an interval, and always the newest', async () => {
    const ledger = ledgerOf()
    for (const at of [1, 2, 3]) {
      deliver(ledger, at)
      await settle()
    }
    expect(log).toEqual(['stored 1', 'confirmed 1'])
    await clock.pass(999)
    expect(log).toHaveLength(2)
    await clock.pass(1)
    expect(log.slice(2)).toEqual(['stored 3', 'confirmed 3'])
    expect(clock.waiting).toBe(0)
  })

  test('without waiting once so many units have come', async () => {
    const ledger = ledgerOf({ every: 10 })
    deliver(ledger, 1)
    await settle()
    for (let at = 2; at <= 10; at++) deliver(ledger, at)
    await settle()
    expect(ledger.positions.stored).toBe('1')
    deliver(ledger, 11)
    await settle()
    expect(ledger.positions).toEqual({ sent: '11', durable: '11', stored: '11', confirmed: '11' })
    expect(clock.waiting).toBe(0)
  })

  test('never two at once: what comes during a save is in the next', async () => {
    const ledger = ledgerOf({ intervalMs: 0 })
    let go = (): void => {}
    slowSave = new Promise((resolve) => (go = resolve))
    deliver(ledger, 1)
    deliver(ledger, 2)
    await settle()
    expect(log).toEqual([])
    go()
    await settle()
    expect(log).toEqual(['stored 1', 'confirmed 1', 'stored 2', 'confirmed 2'])
  })

  test('a flush waits for the save under way, and stores what is left', async () => {
    const ledger = ledgerOf()
    let go = (): void => {}
    slowSave = new Promise((resolve) => (go = resolve))
    deliver(ledger, 1)
    deliver(ledger, 2)
    const flushed = ledger.flush()
    go()
    await flushed
    expect(log).toEqual(['stored 1', 'confirmed 1', 'stored 2', 'confirmed 2'])
    expect(clock.waiting).toBe(0)
  })

  test('nothing twice, and a part of a change with its position', async () => {
    const ledger = ledgerOf()
    ledger.send(new At(4), 2)
    ledger.settle(new At(4), 2, 1, 'durable')
    await ledger.flush()
    await ledger.flush()
    expect(log).toEqual(['stored 4+2', 'confirmed 4'])
    expect(ledger.offset).toEqual({ engine: 'unit', source: 'scripted', identity: {}, position: { phase: 'stream', at: 4 }, partial: 2 })
  })

  test('after closing nothing begins any more', async () => {
    const ledger = ledgerOf()
    deliver(ledger, 1)
    await settle()
    deliver(ledger, 2)
    ledger.close()
    deliver(ledger, 3)
    await clock.pass(10_000)
    expect(log).toEqual(['stored 1', 'confirmed 1'])
  })
})

describe('what the sink only accepted', () => {
  test('is flushed before it is stored', async () => {
    const ledger = ledgerOf()
    deliver(ledger, 1, 'accepted')
    expect(ledger.positions.durable).toBeUndefined()
    await ledger.flush()
    expect(log).toEqual(['flushed', 'stored 1', 'confirmed 1'])
  })

  test('is not proven by a keepalive, but by a later batch that is durable', async () => {
    const ledger = ledgerOf({ intervalMs: 60_000 })
    deliver(ledger, 1)
    await settle()
    deliver(ledger, 2, 'accepted')
    deliver(ledger, 3, 'durable', 0)
    expect(ledger.positions.durable).toBe('1')
    deliver(ledger, 4)
    expect(ledger.positions.durable).toBe('4')
    await ledger.flush()
    expect(log).toEqual(['stored 1', 'confirmed 1', 'stored 4', 'confirmed 4'])
  })

  test('during a flush is not flushed by it, and what became durable meanwhile stays so', async () => {
    const ledger = ledgerOf({ intervalMs: 0 })
    let go = (): void => {}
    slowFlush = new Promise((resolve) => (go = resolve))
    deliver(ledger, 1, 'accepted')
    deliver(ledger, 2, 'durable')
    deliver(ledger, 3, 'accepted')
    go()
    await settle()
    expect(log).toEqual(['flushed', 'stored 2', 'confirmed 2', 'flushed', 'stored 3', 'confirmed 3'])
  })

  test('is never stored once a flush has failed, whatever is said later', async () => {
    const ledger = ledgerOf()
    deliver(ledger, 1)
    await settle()
    flushErrors.push(new Error('lost'))
    deliver(ledger, 2, 'accepted')
    await expect(ledger.flush()).rejects.toMatchObject({ code: 'TR_SINK_FAILED' })
    deliver(ledger, 3, 'durable')
    await ledger.flush()
    await clock.pass(10_000)
    expect(log).toEqual(['stored 1', 'confirmed 1', 'failed TR_SINK_FAILED'])
  })
})

describe('a store that fails', () => {
  test('is warned of and tried again; nothing is confirmed meanwhile', async () => {
    const ledger = ledgerOf()
    saveErrors.push(new TailraceError('TR_OFFSET_WRITE'), new TailraceError('TR_OFFSET_WRITE'))
    deliver(ledger, 1)
    await settle()
    await clock.pass(1_000)
    await clock.pass(1_000)
    expect(log).toEqual(['warning TR_OFFSET_WRITE', 'warning TR_OFFSET_WRITE', 'stored 1', 'confirmed 1'])
  })

  test('is not asked more often because there is more to store', async () => {
    const ledger = ledgerOf({ every: 1 })
    saveErrors.push(new TailraceError('TR_OFFSET_WRITE'))
    for (let at = 1; at <= 20; at++) {
      deliver(ledger, at)
      await settle()
    }
    expect(log).toEqual(['warning TR_OFFSET_WRITE'])
    await clock.pass(1_000)
    expect(log.slice(1)).toEqual(['stored 20', 'confirmed 20'])
  })

  test('for too long ends the engine, and a fatal error at once', async () => {
    const ledger = ledgerOf({ failAfterMs: 2_000 })
    saveErrors.push(...Array.from({ length: 9 }, () => new TailraceError('TR_OFFSET_WRITE')))
    deliver(ledger, 1)
    await settle()
    for (let second = 0; second < 4; second++) await clock.pass(1_000)
    expect(log).toEqual(['warning TR_OFFSET_WRITE', 'warning TR_OFFSET_WRITE', 'failed TR_OFFSET_WRITE'])
    log = []
    saveErrors = [new TailraceError('TR_OFFSET_FOREIGN')]
    deliver(ledgerOf(), 1)
    await settle()
    expect(log).toEqual(['failed TR_OFFSET_FOREIGN'])
  })
})

describe('positions that cannot be', () => {
  test.each<[string, (ledger: Ledger) => void]>([
    ['going back', (ledger) => deliver(ledger, 4)],
    ['settled without being sent', (ledger) => ledger.settle(new At(6), 0, 1, 'durable')],
  ])('%s', (_, act) => {
    const ledger = ledgerOf()
    deliver(ledger, 5)
    expect(() => act(ledger)).toThrow(expect.objectContaining({ code: 'TR_ENGINE_INVARIANT', kind: 'fatal' }) as Error)
  })
})
