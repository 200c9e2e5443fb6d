import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCommandLine } from '../../../src/cli/command-line.ts'
import { milliseconds } from '../../../src/cli/duration.ts'
import { helpText } from '../../../src/cli/help.ts'

describe('a command line', () => {
  test('run with everything', () => {
    const argv = ['run', 'app.properties', '--stop-after', '3', '--stop-when-idle', '1.5s', '--status=json', '--lenient', '--set', 'a.b=c=d', '--set', 'e=']
    expect(readCommandLine(argv)).toEqual({
      kind: 'run', file: 'app.properties', status: 'json', stopAfter: 3, stopWhenIdleMs: 1500,
      settings: { lenient: true, overrides: [['a.b', 'c=d'], ['e', '']] },
    })
  })

  test('run with the file alone', () => {
    expect(readCommandLine(['run', 'x'])).toEqual({ kind: 'run', file: 'x', status: 'text', stopAfter: undefined, stopWhenIdleMs: undefined, settings: { lenient: false, overrides: [] } })
  })

  test('check and tail', () => {
    expect(readCommandLine(['check', 'x', '--lenient'])).toEqual({ kind: 'check', file: 'x', settings: { lenient: true, overrides: [] } })
    expect(readCommandLine(['tail', 'postgres://h/d', '--table', 'a.*', '--table', 'b.c', '--from-now'])).toEqual({ kind: 'tail', url: 'postgres://h/d', tables: ['a.*', 'b.c'], fromNow: true })
    expect(readCommandLine(['tail', '-'])).toEqual({ kind: 'tail', url: '-', tables: [], fromNow: false })
  })

  test('offsets', () => {
    const settings = { lenient: false, overrides: [] }
    expect(readCommandLine(['offsets', 'show', 'x'])).toEqual({ kind: 'offsets', file: 'x', settings, action: { do: 'show', json: false } })
    expect(readCommandLine(['offsets', 'show', 'x', '--json', '--set', 'a=b'])).toEqual({ kind: 'offsets', file: 'x', settings: { lenient: false, overrides: [['a', 'b']] }, action: { do: 'show', json: true } })
    expect(readCommandLine(['offsets', 'import', '--from', 'offsets.dat', 'x'])).toEqual({ kind: 'offsets', file: 'x', settings, action: { do: 'import', from: 'offsets.dat', name: undefined, server: undefined, force: false } })
    expect(readCommandLine(['offsets', 'import', 'x', '--from=y', '--name=kafka', '--server=shop', '--force'])).toMatchObject({ action: { name: 'kafka', server: 'shop', force: true } })
    expect(readCommandLine(['offsets', 'export', 'x', '--to', 'y', '--force'])).toEqual({ kind: 'offsets', file: 'x', settings, action: { do: 'export', to: 'y', force: true } })
  })

  test.each([
    [['offsets', '--help'], 'offsets'],
    [['offsets', 'import', '--help'], 'offsets'],
    [['--help'], undefined],
    [['help', 'run'], 'run'],
    [['tail', '--help'], 'tail'],
    [['check', '-h'], 'check'],
  ])('%j shows help', (argv, about) => {
    expect(readCommandLine(argv)).toEqual({ kind: 'help', about })
  })

  test.each<[argv: string[], message: string]>([
    [[], 'No command is given'],
    [['rnu', 'x'], 'There is no such command'],
    [['run'], 'tailrace run takes a configuration file, and nothing else'],
    [['run', 'a', 'b'], 'tailrace run takes a configuration file, and nothing else'],
    [['run', 'a', '--stop-aftr', '3'], 'Unknown option'],
    [['run', 'a', '--stop-after'], 'argument missing'],
    [['run', 'a', '--stop-after', '0'], '--stop-after takes a whole number from 1'],
    [['run', 'a', '--stop-after', '1.5'], '--stop-after takes a whole number from 1'],
    [['run', 'a', '--stop-when-idle', '5'], '--stop-when-idle takes a time such as 500ms, 5s or 2m'],
    [['run', 'a', '--status', 'xml'], '--status is one of text, json, none'],
    [['run', 'a', '--set', 'novalue'], '--set takes name=value'],
    [['tail'], 'tailrace tail takes the URL of a database, and nothing else'],
    [['offsets'], 'tailrace offsets takes show, import or export'],
    [['offsets', 'x'], 'tailrace offsets takes show, import or export'],
    [['offsets', 'show'], 'a configuration file, and nothing else'],
    [['offsets', 'import', 'x'], 'tailrace offsets import needs --from'],
    [['offsets', 'export', 'x'], 'tailrace offsets export needs --to'],
    [['offsets', 'show', 'x', '--force'], 'tailrace offsets show does not take --force'],
    [['offsets', 'export', 'x', '--from', 'y'], 'tailrace offsets export does not take --from'],
  ])('%j is refused', (argv, message) => {
    expect(() => readCommandLine(argv)).toThrow(expect.objectContaining({ code: 'TR_CONFIG_INVALID', message: expect.stringContaining(message) }))
  })

  test('a URL in the wrong place is not repeated in the message', () => {
    const url = 'postgres://me:cAnArY-4711@h/d'
    for (const argv of [[url], ['run', 'a', url], ['tail', url, url], ['run', 'a', `--set=${url}`]]) {
      expect(() => readCommandLine(argv)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('cAnArY') }))
    }
  })

  test('any words are either understood or refused with a code', () => {
    const word = fc.oneof(fc.constantFrom('run', 'check', 'tail', 'offsets', 'show', 'import', '--from', 'help', '--set', '--status', '--table', '--', '-', '--stop-after', 'a=b', '5s'), fc.string({ maxLength: 6 }))
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (argv) => {
        try {
          expect(readCommandLine(argv)).toHaveProperty('kind')
        } catch (error) {
          expect(error).toMatchObject({ code: 'TR_CONFIG_INVALID' })
        }
      }),
    )
  })
})

test.each<[text: string, ms: number | undefined]>([
  ['500ms', 500], ['5s', 5000], ['1.5m', 90_000], ['2h', 7_200_000], ['0s', undefined], ['5', undefined], ['s', undefined], ['-5s', undefined], ['5 s', undefined], ['99999h', undefined],
])('a time of %s', (text, ms) => {
  expect(milliseconds(text)).toBe(ms)
})

test('the help names every option that is understood', () => {
  for (const option of ['--stop-after', '--stop-when-idle', '--status', '--lenient', '--set']) expect(helpText('run')).toContain(option)
  for (const option of ['--lenient', '--set']) expect(helpText('check')).toContain(option)
  for (const option of ['--table', '--from-now']) expect(helpText('tail')).toContain(option)
  for (const option of ['--json', '--from', '--name', '--server', '--to', '--force', '--lenient', '--set']) expect(helpText('offsets')).toContain(option)
  for (const command of ['offsets', 'run', 'check', 'tail', '--version']) expect(helpText(undefined)).toContain(command)
})
