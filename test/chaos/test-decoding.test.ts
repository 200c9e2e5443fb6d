import { describe, expect, it } from 'vitest'
import { readLine } from './test-decoding.ts'

describe('the reader of test_decoding', () => {
  it('takes quotes, brackets and spaces inside values apart from those around them', () => {
    expect(readLine(`table public.t: INSERT: id[integer]:-1 note[character varying]:'it''s [x]:y new-tuple: ' list[integer[]]:'{1,2}' gone[text]:null empty[text]:'' yes[boolean]:true`)).toEqual({
      kind: 'insert', table: 'public.t', tuple: new Map<string, string | null>([['id', '-1'], ['note', "it's [x]:y new-tuple: "], ['list', '{1,2}'], ['gone', null], ['empty', ''], ['yes', 'true']]),
    })
  })

  it('tells the word null from NULL', () => {
    expect(readLine(`table public.t: DELETE: note[text]:'null'`)).toEqual({ kind: 'delete', table: 'public.t', tuple: new Map([['note', 'null']]) })
  })

  it('parts old and new tuple', () => {
    expect(readLine(`table public.t: UPDATE: old-key: id[integer]:1 note[text]:' new-tuple: ' new-tuple: id[integer]:2 note[text]:unchanged-toast-datum`)).toEqual({
      kind: 'update', table: 'public.t', old: new Map([['id', '1'], ['note', ' new-tuple: ']]), tuple: new Map<string, string | undefined>([['id', '2'], ['note', undefined]]),
    })
  })

  it('takes lines around rows, and refuses what it does not know', () => {
    expect(readLine('COMMIT 742')).toEqual({ kind: 'commit', xid: '742' })
    expect(readLine('table public.a, public.b: TRUNCATE: restart_seqs')).toEqual({ kind: 'truncate', tables: ['public.a', 'public.b'] })
    expect(readLine('message: transactional: 0 prefix: p, sz: 1 content:BEGIN 1')).toEqual({ kind: 'message', transactional: false })
    expect(() => readLine('table public.t: MERGE: id[integer]:1')).toThrow(/not understood/)
  })
})
