import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { executable } from '../server/binary.ts'
import { requireKafka, requireMariadb, requireMysql, requirePostgres } from '../server/require.ts'
import { runExample } from './run-example.ts'

const START = 'quickstart/start.mjs'

const withPostgres = await requirePostgres(18)
const withKafka = await requireKafka()
const withMysql = await requireMysql()
const withMariadb = await requireMariadb('11.8')

withPostgres('npm run quickstart', () => {
  it('kills an engine in the middle of a transaction, and finds every change', async () => {
    const { code, output } = await runExample(START, ['--fast'])
    expect(output).toContain('Verified against the database')
    expect(output).toMatch(/20 170 {2}committed changes, all arrived/)
    expect(code).toBe(0)
  }, 120_000)

  withKafka('-- kafka', () => {
    it('does so with a Kafka of its own, and finds every change once', async () => {
      const { code, output } = await runExample(START, ['kafka', '--fast'])
      expect(output).toContain('Verified against the database')
      expect(output).toMatch(/20 170 {2}committed changes, each once/)
      expect(code).toBe(0)
    }, 180_000)
  })
})

for (const [kind, available] of [['mysql', withMysql], ['mariadb', withMariadb]] as const) {
  // both wait for servers of their own more than they compute
  available(`npm run quickstart -- ${kind}`, { concurrent: true }, () => {
    it('kills an engine in the middle of a transaction, and finds every change', async () => {
      const { code, output } = await runExample(START, [kind, '--fast'])
      expect(output).toContain('Verified against the database')
      expect(output).toMatch(/20 170 {2}committed changes, all arrived/)
      expect(code).toBe(0)
    }, 180_000)
  })
}

it('npm run quickstart -- kafka says what is missing, and starts nothing', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-path-'))
  try {
    symlinkSync(process.execPath, path.join(folder, executable('node')))
    const { code, output } = await runExample(START, ['kafka', '--fast'], { PATH: folder, KAFKA_BROKERS: '' })
    expect(output).toMatch(/^Java 17 or newer and Maven are needed to start a Kafka broker\. .*KAFKA_BROKERS=host:port$/m)
    expect(output).not.toContain('A shop in PostgreSQL')
    expect(code).toBe(1)
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)
