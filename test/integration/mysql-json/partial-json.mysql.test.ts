import { expect, test } from 'vitest'
import { applyDiffs } from '../../../src/source/mysql/json/json-diff.ts'
import { JsonText } from '../../../src/source/mysql/json/json-text.ts'
import { compactJson } from '../../../src/source/mysql/json/compact-json.ts'
import { writeJson } from '../../../src/source/mysql/json/write-json.ts'
import { campaign, type Random } from '../../fuzz/campaign.ts'
import { capturedPart, type JsonCapture } from '../../fuzz/mysql-json-capture.ts'
import { startMysql } from '../../server/mysql.ts'
import type { MysqlServer } from '../../server/mysql-server.ts'
import { requireMysql } from '../../server/require.ts'
import { anyString, anyValue } from './any-document.ts'
import { captureChanges } from './json-log.ts'

const withMysql = await requireMysql()

withMysql('partial updates of JSON', () => {
  test('the forms of paths that the server prints', { timeout: 120_000 }, async () => {
    await using server = await startMysql()
    await server.createDatabase('j')
    const document = `{"a":[1,2,3],"k k":{"x":1},"é":5,"q\\"q":7,"s":"${'long '.repeat(20)}","$b_1":{"last":[[0]]},"n":"${'x'.repeat(200)}"}`
    const updates: [string, string, string?][] = [
      ['set', '$.a[last]', '9'], ['set', '$.a[last-10]', '8'], ['set', '$.a[100]', '10'], ['set', '$.s[0]', '"x"'], ['set', '$.s[1]', '"y"'], ['set', '$."k k"."n n"', '1'], ['set', '$.é', '1.5'],
      ['remove', '$."q\\"q"'], ['set', '$.""', '[1]'], ['remove', '$.a[last]'], ['set', '$.a[last-1]', '{"z":1}'], ['set', '$."a\\nb😀"', 'null'], ['set', '$.$b_1.last[0][0]', '70000'], ['set', '$."]["', '-1'],
      ['remove', '$.a[0]'], ['replace', '$.a', '[]'], ['set', '$.a[0]', '[]'], ['set', '$.a[0][0]', '{}'], ['remove', '$."a\\nb😀"'], ['set', '$.n', `"${'y'.repeat(100)}"`],
    ]
    const captured: JsonUpdate[] = []
    expect(await check(server, document, updates, captured)).toBe(updates.length)
    expect(capturedPart('updates', captured)).toEqual(captured)
  })

  test('a document outgrows 64 kB, and comes back', { timeout: 120_000 }, async () => {
    await using server = await startMysql()
    await server.createDatabase('j')
    const long = (letter: string): string => JSON.stringify(letter.repeat(2000))
    const document = `{"pad":"${'p'.repeat(62_000)}","n":70000,"a":[70000,-70000],"o":{"k":70000}}`
    const updates: Update[] = [
      ['set', '$.more', long('m')], ['set', '$.a[2]', long('a')], ['set', '$.o.l', '-70000'], ['set', '$.n', '65536'], ['remove', '$.more'], ['set', '$.o.list', `[${Array.from({ length: 500 }, (_, index) => index).join(',')}]`], ['remove', '$.o.list[0]'],
      ['remove', '$.pad'], ['set', '$.o.m', 'null'],
    ]
    expect(await check(server, document, updates)).toBeGreaterThan(6)
  })

  test('any update leaves what the server has', { timeout: 300_000 }, async () => {
    await using server = await startMysql()
    await server.createDatabase('j')
    let partial = 0
    let all = 0
    await campaign('partial JSON updates', 12, async (random) => {
      const document = `{"pad":"${'p'.repeat(random.pick([0, 1000, 64_000]))}","o":${anyValue(random, 4)},"a":${anyValue(random, 4)},"b":[[1,2],{"c":[]},[]]}`
      const updates = Array.from({ length: 60 }, () => random)
      all += updates.length
      partial += await check(server, document, updates.map(() => anyUpdate))
      function anyUpdate(text: string): [string, string, string?] {
        const operation = random.pick(['set', 'set', 'replace', 'remove', 'insert'])
        const path = anyPath(random, JSON.parse(text))
        return operation === 'remove' ? [operation, path] : [operation, path, anyValue(random, 2)]
      }
    })
    console.log(`${partial} of ${all} updates were written as differences`)
    expect(partial).toBeGreaterThan(all / 5)
  })
})

type JsonUpdate = JsonCapture['updates'][number]
type Update = [operation: string, path: string, value?: string]

/** Each update on its own; how many of them the server wrote as differences. */
async function check(server: MysqlServer, document: string, updates: readonly (Update | ((text: string) => Update))[], captured: JsonUpdate[] = []): Promise<number> {
  await server.script('drop table if exists d; create table d (id int primary key, j json)', 'j')
  await server.query('insert into d values (1, ?)', 'j', [document])
  const texts: string[] = []
  const changes = await captureChanges(server, async () => {
    await server.withClient('j', async (client) => {
      await client.query("set binlog_row_value_options = 'PARTIAL_JSON'")
      const read = async (): Promise<string> => ((await client.query('select cast(j as char) text from d'))[0] as { text: string }[])[0]!.text
      let text = await read()
      for (const update of updates) {
        const [operation, path, value] = typeof update === 'function' ? update(text) : update
        await client.query(`update d set j = json_${operation}(j, ?${value === undefined ? '' : ', cast(? as json)'})`, [path, value].filter((one) => one !== undefined))
        const after = await read()
        if (after !== text) texts.push(after)
        text = after
      }
    })
  })
  // an update that changes nothing is not logged
  expect(changes.length).toBe(texts.length)
  for (const [index, { before, after, diffs }] of changes.entries()) {
    const whole = diffs === undefined ? after! : applyDiffs(before!, 0, before!.length, diffs, 0, diffs.length)
    expect(textOf(whole)).toBe(compactOf(texts[index]!))
    if (diffs !== undefined) captured.push({ before: before!.toString('base64'), diffs: diffs.toString('base64'), text: textOf(whole) })
  }
  return changes.filter(({ diffs }) => diffs !== undefined && diffs.length > 0).length
}

function textOf(document: Buffer): string {
  const text = new JsonText()
  writeJson(document, 0, document.length, text)
  return text.bytes.toString('utf8', 0, text.length)
}

function compactOf(serverText: string): string {
  const text = new JsonText()
  const bytes = Buffer.from(serverText)
  compactJson(bytes, 0, bytes.length, text)
  return text.bytes.toString('utf8', 0, text.length)
}

/** Mostly to what is there, sometimes to what is not. */
function anyPath(random: Random, root: unknown): string {
  let path = '$'
  for (let value = root, depth = random.below(5) + 1; depth > 0; depth--) {
    if (Array.isArray(value)) {
      const index = random.below(value.length + 2)
      path += random.chance(3) ? `[last-${index}]` : `[${index}]`
      value = (value as unknown[])[index]
    } else if (typeof value === 'object' && value !== null) {
      const keys = Object.keys(value)
      const key = keys.length === 0 || random.chance(4) ? anyString(random) : random.pick(keys)
      path += `.${/^[a-z]+$/.test(key) ? key : JSON.stringify(key)}`
      value = (value as Record<string, unknown>)[key]
    } else {
      if (random.chance(4)) path += '[0]'
      break
    }
  }
  return path === '$' ? '$.x' : path
}
