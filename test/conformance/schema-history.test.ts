import { describe, expect, test } from 'vitest'
import { fileSchemaHistory, type SchemaHistory } from '../../src/index.ts'
import { memorySchemaHistory, sampleHistoryRecord, schemaHistoryConformance, type HistoryPlace } from '../../src/testing/index.ts'
import { temporaryFolder } from '../unit/offset/folder.ts'

async function filePlace(): Promise<HistoryPlace> {
  const folder = await temporaryFolder()
  return { history: () => fileSchemaHistory(`${folder.path}/schema-history.ndjson`), remove: async () => folder[Symbol.asyncDispose]() }
}

function memoryPlace(): HistoryPlace {
  const history = memorySchemaHistory()
  return { history: () => history }
}

describe('a schema history in a file', () => {
  for (const check of schemaHistoryConformance(filePlace)) test(check.name, () => check.run())
})

describe('a schema history in memory', () => {
  for (const check of schemaHistoryConformance(memoryPlace)) test(check.name, () => check.run())

  test('it shows its records, which outlive the engine, and begins with those it is given', async () => {
    const history = memorySchemaHistory([sampleHistoryRecord(1)])
    await history.open({ clock: undefined!, logger: undefined! }, new AbortController().signal)
    await history.append([sampleHistoryRecord(2)])
    await history[Symbol.asyncDispose]()
    expect(history.current).toEqual([sampleHistoryRecord(1), sampleHistoryRecord(2)])
  })
})

describe('the conformance checks themselves', () => {
  // each breaks one rule of the contract; the checks that notice are named
  const broken: Record<string, { change: (inner: SchemaHistory) => Partial<SchemaHistory>; caught: string[] }> = {
    'a history that anybody may open': {
      change: (inner) => ({
        open: async (context, signal) => {
          await inner[Symbol.asyncDispose]()
          await inner.open(context, signal)
        },
      }),
      caught: ['one engine alone writes'],
    },
    'a history that appends too late': {
      change: (inner) => ({
        append: async (records) => {
          setImmediate(() => void inner.append(records).catch(() => {}))
        },
      }),
      caught: ['records are read back in their order, with every member, also while it is open', 'disposing waits for appends under way', 'a history that is not open, or disposed, gives and takes nothing'],
    },
    'a history that forgets the tables’ comments': {
      change: (inner) => ({
        append: async (records) => inner.append(records.map((record) => ({ ...record, changes: record.changes.map(({ shape, ...change }) => (shape === undefined ? change : { ...change, shape: { ...shape, comment: undefined } })) }))),
      }),
      caught: ['records are read back in their order, with every member, also while it is open'],
    },
    'a history that puts the newest record first': {
      change: (inner) => ({ append: async (records) => inner.append([...records].reverse()) }),
      caught: ['ten thousand records', 'a statement of half a megabyte'],
    },
  }
  for (const [name, { change, caught }] of Object.entries(broken)) {
    test(`${name} does not pass`, async () => {
      const failed: string[] = []
      const checks = schemaHistoryConformance(() => {
        const inner = memorySchemaHistory()
        const history: SchemaHistory = { open: inner.open.bind(inner), records: inner.records.bind(inner), append: inner.append.bind(inner), [Symbol.asyncDispose]: async () => inner[Symbol.asyncDispose](), ...change(inner) }
        return { history: () => history }
      })
      for (const check of checks) await check.run().catch(() => failed.push(check.name))
      expect(failed).toEqual(expect.arrayContaining(caught))
    })
  }
})
