import { expect, test } from 'vitest'
import { ChangeEvent } from '../../../../src/event/change-event.ts'
import { SourceEncoder } from '../../../../src/format/json/source-encoder.ts'
import { renderJson } from '../../../../src/json/render-json.ts'
import { readMariadbGtid } from '../../../../src/source/mysql/binlog/mariadb-gtid.ts'
import type { Gtid } from '../../../../src/source/mysql/gtid/gtid-position.ts'
import { MysqlGtid } from '../../../../src/source/mysql/gtid/mysql-gtid.ts'
import { sourceInfo, sourceLayout, type ConnectorName } from '../../../../src/source/mysql/source-layout.ts'
import { MysqlTransaction } from '../../../../src/source/mysql/transaction.ts'
import { testTable } from '../../format/test-table.ts'

const table = testTable({ schema: 'shop', name: 'orders', fields: [] })

function eventOf(gtid: Gtid | undefined, micros: bigint, pos: number): ChangeEvent {
  const place = { file: 'binlog.000009', pos }
  const facts = { gtid, place, begin: pos, gtidsBefore: undefined, xaBefore: [], serverId: 4_294_967_295, fileBegun: 1, thread: 77 }
  return new ChangeEvent('c', table, new MysqlTransaction('mysql:u', facts, micros, undefined), 'false', Math.floor(pos / 2 ** 32), pos >>> 0, 0, 0, undefined, undefined, undefined, undefined)
}

function written(connector: ConnectorName, event: ChangeEvent): string {
  const encoder = new SourceEncoder(['{'], sourceLayout(connector, 'shop', 'orders'), { version: 'v', logicalName: 'l' }, false)
  return renderJson((writer) => encoder.write(0, event, writer)).toString()
}

function mariadbGtid(domain: number, server: number, number: bigint): Gtid {
  const bytes = Buffer.alloc(19)
  bytes.writeBigUInt64LE(number)
  bytes.writeUInt32LE(domain, 8)
  return readMariadbGtid(bytes, 0, bytes.length, server).gtid
}

test('source has the GTID as the server prints it, whichever was written before: other servers, tags, domains, and the largest numbers', () => {
  const [one, other] = ['97979797-0000-11ee-8000-000000000001', '11111111-2222-3333-4444-555555555555']
  const numbers = [1n, 9n, 10n, 99_999n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 2n]
  const tagged = [one, other, `${one}:tag`, `${other}:${'t'.repeat(32)}`]
  for (const number of numbers) {
    for (const group of [...tagged, ...tagged.toReversed()]) expect(written('mysql', eventOf(new MysqlGtid(group, number), 1n, 4))).toContain(`"gtid":"${group}:${number}","file"`)
    for (const [domain, server] of [[0, 1], [0, 2], [1, 2], [4_294_967_295, 4_294_967_295], [0, 1]] as const) {
      expect(written('mariadb', eventOf(mariadbGtid(domain, server, number), 1n, 4))).toContain(`"gtid":"${domain}-${server}-${number}","file"`)
    }
  }
  expect(written('mysql', eventOf(undefined, 1n, 4))).toContain('"gtid":null,"file"')
})

test('source has the same times and places as JSON and as an object, from zero to the largest there are', () => {
  for (const micros of [0n, 1n, 999n, 1000n, 1_795_207_719_370_482n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 55n - 1n]) {
    for (const pos of [4, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
      const event = eventOf(new MysqlGtid('97979797-0000-11ee-8000-000000000001', 5n), micros, pos)
      const info = sourceInfo('mysql', 'shop', 'orders', event) as unknown as Record<string, unknown>
      const text = written('mysql', event)
      expect(text).toContain(`"ts_ms":${micros / 1000n},`)
      expect(text).toContain(`"ts_us":${micros},"ts_ns":${micros * 1000n},`)
      for (const name of ['gtid', 'file', 'pos', 'row', 'server_id', 'thread', 'query']) expect(text).toContain(`"${name}":${JSON.stringify(info[name])}`)
      expect([info['ts_us'], info['ts_ns'], info['pos']]).toEqual([micros, micros * 1000n, pos])
    }
  }
})
