import { describe, expect, test } from 'vitest'
import { EXIT_CODES, exitCodeOf, exitCodeOfAll } from '../../../src/cli/exit-code.ts'
import { ERROR_CODES, type ErrorCode } from '../../../src/error/code.ts'
import { TailraceError } from '../../../src/error/tailrace-error.ts'
import { expectGenerated, table } from '../document.ts'

const CODES = Object.keys(ERROR_CODES) as ErrorCode[]

describe('exit codes', () => {
  test.each<[code: ErrorCode, exit: number]>([
    ['TR_CONFIG_INVALID', 2],
    ['TR_CONFIG_FILE', 2],
    ['TR_PG_AUTH', 3],
    ['TR_OFFSET_LOCKED', 3],
    ['TR_OFFSET_CORRUPT', 4],
    ['TR_PG_SLOT_LOST', 4],
    ['TR_PG_CONNECT', 5],
    ['TR_PG_DISCONNECTED', 5],
  ])('%s ends with %i', (code, exit) => {
    expect(exitCodeOf(new TailraceError(code))).toBe(exit)
  })

  test('any other error ends with 1', () => {
    expect([exitCodeOf(new Error('x')), exitCodeOf(undefined)]).toEqual([1, 1])
  })

  test('of several errors the most serious counts', () => {
    expect(exitCodeOfAll([new TailraceError('TR_PG_CONNECT'), new TailraceError('TR_PG_SLOT_LOST'), new TailraceError('TR_PG_AUTH')])).toBe(4)
    expect(exitCodeOfAll([new TailraceError('TR_PG_CONNECT'), new TailraceError('TR_PG_AUTH')])).toBe(3)
    expect(exitCodeOfAll([])).toBe(0)
  })
})

describe('docs/errors.md', () => {
  test('lists every code', () => {
    expectGenerated('errors.md', 'codes', table(['code', 'kind', 'what happened', 'what to do'], CODES.map((code) => [`\`${code}\``, ERROR_CODES[code].kind, ERROR_CODES[code].message, ERROR_CODES[code].remedy])))
  })

  test('lists every exit code', () => {
    expectGenerated('errors.md', 'exit-codes', table(['code', 'when'], Object.entries(EXIT_CODES).map(([code, when]) => [code, when])))
  })
})
