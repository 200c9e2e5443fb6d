import { expect, it } from 'vitest'
import { startMariadb } from '../server/mariadb.ts'
import { requireMariadb } from '../server/require.ts'
import { recordsInto } from './column-rule.ts'
import { offsetFolder } from './engine-run.ts'
import { runMysql } from './mysql-run.ts'

const withMariadb = await requireMariadb('11.8')
withMariadb('a log whose events do not say where they end', () => {
  it('has every change at the place of its event, though statements’ texts stand between them that nobody has asked for', async () => {
    await using server = await startMariadb({ version: '11.8', settings: { 'binlog-annotate-row-events': 'ON' } })
    await server.createDatabase('s')
    await server.query('create table t (id int primary key, v text)', 's')
    using folder = offsetFolder()
    const { sink, engine } = recordsInto()
    await using run = runMysql({ engine, kind: 'MariaDB 11.8', port: server.port, database: 's', name: 'place', offsets: folder.file('place'), source: { snapshot: { mode: 'no_data' } } })
    await run.streaming()
    await server.script("begin; insert into t values (1, 'a'), (2, 'b'); update t set v = 'c'; delete from t where id = 1; commit; insert into t values (3, 'd')", 's')
    await sink.waitFor(7)
    await run.stop()
    const places = sink.records.flatMap(({ value }) => {
      if (value === null) return []
      const { op, source } = JSON.parse(String(value)) as { op: string; source: { pos: number } }
      return `${op} ${source.pos}`
    })
    const [{ Log_name: file } = { Log_name: '' }] = (await server.query<{ Log_name: string }>('show binary logs')).slice(-1)
    const logged = await server.query<{ Pos: number; Event_type: string; End_log_pos: number }>(`show binlog events in '${file}'`)
    const at = new Map(logged.filter(({ Event_type }) => /_rows_v1$/.test(Event_type)).map(({ Pos, Event_type }) => [Event_type, Pos]))
    const inserts = logged.filter(({ Event_type }) => Event_type === 'Write_rows_v1').map(({ Pos }) => Pos)
    const [update, deleted] = [at.get('Update_rows_v1'), at.get('Delete_rows_v1')]
    expect(places).toEqual([`c ${inserts[0]}`, `c ${inserts[0]}`, `u ${update}`, `u ${update}`, `d ${deleted}`, `c ${inserts[1]}`])
    expect(logged.some(({ Event_type }) => Event_type === 'Annotate_rows')).toBe(true)
  })
})
