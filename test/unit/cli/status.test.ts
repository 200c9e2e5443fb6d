import { describe, expect, test } from 'vitest'
import { redaction } from '../../../src/cli/redaction.ts'
import { Status } from '../../../src/cli/status.ts'
import { TailraceError } from '../../../src/error/tailrace-error.ts'
import { Recorded } from './output.ts'

const CANARY = 'cAnArY/4711"x'

describe('the life cycle on standard error', () => {
  test('json: one object a line, also where the message has several', () => {
    const output = new Recorded()
    const status = new Status(output, 'json', redaction([], []))
    status.warning(new TailraceError('TR_CONFIG_UNKNOWN', { message: 'a\nb' }))
    status.stopped(3)
    status.failed(new TailraceError('TR_PG_AUTH', { message: 'no', where: { user: 'cdc' } }))
    status.failed(new RangeError('oops'))
    expect(output.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { warning: { code: 'TR_CONFIG_UNKNOWN', kind: 'definite', message: 'a\nb', where: {}, remedy: expect.any(String) } },
      { state: 'stopped', records: 3 },
      { state: 'failed', code: 'TR_PG_AUTH', kind: 'definite', message: 'no', where: { user: 'cdc' }, remedy: 'Check user, password and pg_hba.conf' },
      { state: 'failed', message: 'oops' },
    ])
  })

  test('text: warnings and errors only, with what to do', () => {
    const output = new Recorded()
    const status = new Status(output, 'text', redaction([], []))
    status.warning(new TailraceError('TR_CONFIG_UNKNOWN', { message: 'tabel' }))
    status.stopped(3)
    status.failed(new TailraceError('TR_PG_AUTH', { message: 'no' }))
    expect(output.lines).toEqual([
      'tailrace: warning: TR_CONFIG_UNKNOWN: tabel',
      '  Correct the spelling, or pass --lenient to turn this into warnings',
      'tailrace: TR_PG_AUTH: no',
      '  Check user, password and pg_hba.conf',
    ])
  })

  test('none: nothing', () => {
    const output = new Recorded()
    new Status(output, 'none', redaction([], [])).failed(new Error('x'))
    expect(output.text).toBe('')
  })

  test.each(['json', 'text'] as const)('%s: a secret that got into a message is masked in every spelling', (style) => {
    const output = new Recorded()
    const status = new Status(output, style, redaction([CANARY], []))
    status.failed(new Error(`plain ${CANARY} encoded ${encodeURIComponent(CANARY)} json ${JSON.stringify(CANARY)} url postgres://u:other@h/d`))
    expect(output.text).not.toContain('cAnArY')
    expect(output.text).not.toContain('other')
    expect(output.text).toContain('postgres://u:***@h/d')
  })

  test('a secret that is a public word as well is left, or messages would be unreadable', () => {
    expect(redaction(['postgres', ''], ['postgres'])('database postgres')).toBe('database postgres')
  })
})
