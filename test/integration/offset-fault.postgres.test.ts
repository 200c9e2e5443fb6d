import { readFile, rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fileOffsets } from '../../src/offset/file/file-offsets.ts'
import { decodeOffset } from '../../src/offset/file/offset-file.ts'
import { parseLsn } from '../../src/source/postgres/position.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { failingFiles } from '../unit/offset/failing-files.ts'
import { temporaryFolder } from '../unit/offset/folder.ts'
import { mountSmall, notProven } from '../unit/offset/small-file-system.ts'
import { brief, doubled, numbered, runEngine, type EngineRun } from './engine-run.ts'

const withPostgres = await requirePostgres(17)
const DB = 'disk'

/** A disk that can be full. */
interface Disk extends AsyncDisposable {
  readonly file: string
  readonly store: () => ReturnType<typeof fileOffsets>
  full(on: boolean): Promise<void>
}

async function realDisk(): Promise<Disk | undefined> {
  const small = await mountSmall(64)
  if (small === undefined) return undefined
  const [file, filler] = [`${small.path}/engine.json`, `${small.path}/filler`]
  return {
    file,
    store: () => fileOffsets(file),
    async full(on) {
      if (on) await writeFile(filler, Buffer.alloc(1024 * 1024)).catch(() => undefined)
      else await rm(filler)
    },
    [Symbol.asyncDispose]: () => small[Symbol.asyncDispose](),
  }
}

async function madeUpDisk(): Promise<Disk> {
  const folder = await temporaryFolder()
  const file = `${folder.path}/engine.json`
  let isFull = false
  return {
    file,
    store: () => fileOffsets(file, { files: failingFiles((what) => (isFull && what === 'writeFile' ? 'ENOSPC' : undefined)) }),
    full(on) {
      isFull = on
      return Promise.resolve()
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

withPostgres('the offset cannot be written', () => {
  let server: PostgresServer
  let count = 0
  let name: string

  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(async () => {
    await server.createDatabase(DB)
    await server.query('create table t (id int primary key)', DB)
    name = `disk_${++count}`
  })

  describe.each([['a disk that is full', realDisk], ['errors that are made up', madeUpDisk]])('%s', (what, open) => {
    function start(disk: Disk, failAfterMs: number): EngineRun {
      return runEngine({
        port: server.port, database: DB, name, offsets: disk.file, engine: { offsets: disk.store(), offsetFlush: { intervalMs: 20, failAfterMs } },
      })
    }

    async function insert(first: number, last: number): Promise<void> {
      for (let id = first; id <= last; id++) await server.query('insert into t values ($1)', DB, [id])
    }

    /** What the file says, and that the server was told no more than that. */
    async function storedLsn(disk: Disk): Promise<bigint> {
      const confirmed = await server.value<string>('select confirmed_flush_lsn::text from pg_replication_slots')
      const stored = parseLsn(decodeOffset(await readFile(disk.file), name, disk.file).position['lsn'] as string)!
      expect(parseLsn(confirmed)! <= stored, `${confirmed} is confirmed, which is beyond what is stored`).toBe(true)
      return stored
    }

    it('for a while: it warns, goes on delivering, confirms nothing, and catches up when there is room', async ({ skip }) => {
      await using disk = await open()
      if (disk === undefined) return notProven(skip, `${what} under a running engine (mounting is not allowed)`)
      await using run = start(disk, 60_000)
      await run.streaming()
      await insert(1, 3)
      await run.delivered(3)
      await run.settled()
      await disk.full(true)
      const before = await storedLsn(disk)
      await insert(4, 20)
      await run.delivered(20)
      await run.until(() => run.warnings.length >= 2, 'warnings')
      expect(run.warnings.every(({ code, where }) => code === 'TR_OFFSET_WRITE' && where['errno'] === 'ENOSPC')).toBe(true)
      expect(await storedLsn(disk)).toBe(before)
      await disk.full(false)
      await run.settled()
      expect(await storedLsn(disk)).toBeGreaterThan(before)
      expect(run.retries).toEqual([])
      await run.stop()
      expect(brief(run.seen)).toEqual(numbered('c', 1, 20))
    })

    it('for too long: it stops with TR_OFFSET_WRITE, and afterwards only what was not stored comes again', async ({ skip }) => {
      await using disk = await open()
      if (disk === undefined) return notProven(skip, `${what} for too long under a running engine (mounting is not allowed)`)
      await using run = start(disk, 500)
      await run.streaming()
      await insert(1, 3)
      await run.delivered(3)
      await run.settled()
      await disk.full(true)
      const before = await storedLsn(disk)
      await insert(4, 6)
      expect(await run.failure()).toMatchObject({ code: 'TR_OFFSET_WRITE', kind: 'definite', where: { errno: 'ENOSPC' } })
      expect(brief(run.seen)).toEqual(numbered('c', 1, 6))
      expect(await storedLsn(disk)).toBe(before)
      await disk.full(false)
      await insert(7, 8)
      await using again = start(disk, 500)
      await again.delivered(5)
      await again.stop()
      expect(brief(again.seen)).toEqual(numbered('c', 4, 8))
      // a consumer can tell what it has seen by the ids
      expect(doubled([...run.seen, ...again.seen])).toHaveLength(3)
    })

    it('when it is stopped: the stop fails with TR_OFFSET_WRITE, nothing is confirmed', async ({ skip }) => {
      await using disk = await open()
      if (disk === undefined) return notProven(skip, `${what} while stopping (mounting is not allowed)`)
      const run = start(disk, 60_000)
      await run.streaming()
      await insert(1, 3)
      await run.delivered(3)
      await run.settled()
      await disk.full(true)
      const before = await storedLsn(disk)
      await insert(4, 5)
      await run.delivered(5)
      await expect(run.stop()).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE' })
      expect(run.engine.state).toBe('failed')
      expect(await storedLsn(disk)).toBe(before)
      await disk.full(false)
    })
  })
})
