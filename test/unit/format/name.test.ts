import { describe, expect, test } from 'vitest'
import { TailraceError } from '../../../src/error/tailrace-error.ts'
import type { Schema } from '../../../src/event/schema.ts'
import { adjustFieldName, adjustFields, adjustSchemaName } from '../../../src/format/name-adjustment.ts'
import { topicName, validTopicName } from '../../../src/format/topic-name.ts'
import { uuidV7 } from '../../../src/format/run-id.ts'

describe('destinations', () => {
  test('prefix, schema and table are joined by the delimiter', () => {
    expect(topicName('lab', '.', 'public', 'customer')).toBe('lab.public.customer')
    expect(topicName('pre.fix_1', '-', 'hr', 'person')).toBe('pre.fix_1-hr-person')
    expect(topicName('lab', '.', '', 'customer')).toBe('lab.customer')
    expect(topicName('lab', '.', '  ', 'customer')).toBe('lab.customer')
  })

  test('every UTF-16 unit that Kafka does not allow becomes an underscore', () => {
    expect(topicName('lab', '.', 'Mixed Case', 'Tab Le')).toBe('lab.Mixed_Case.Tab_Le')
    expect(topicName('lab', '.', 'схема', 'таблица')).toBe('lab._____._______')
    expect(topicName('lab', '.', 'public', 'ÜMLAUT')).toBe('lab.public._MLAUT')
    expect(validTopicName('a😀b/c-d')).toBe('a__b_c-d')
  })

  test('names are cut at 249, and dots alone are no name', () => {
    expect(validTopicName('x'.repeat(249))).toBe('x'.repeat(249))
    expect(validTopicName('é'.repeat(300))).toBe('_'.repeat(249))
    expect(validTopicName('.')).toBe('_')
    expect(validTopicName('..')).toBe('__')
    expect(validTopicName('...')).toBe('...')
  })
})

describe('names for Avro', () => {
  test('none leaves a name as it is', () => {
    expect(adjustSchemaName('lab.1 x', 'none')).toBe('lab.1 x')
    expect(adjustFieldName('1 x.y', 'none')).toBe('1 x.y')
  })

  test('avro puts underscores', () => {
    const fields = { 'Col Umn': 'Col_Umn', '1digit': '_1digit', 'with-dash': 'with_dash', _under: '_under', $dollar: '_dollar', 'id.x': 'id_x', ключ: '____', 'emoji😀': 'emoji__', '': '' }
    for (const [name, adjusted] of Object.entries(fields)) expect(adjustFieldName(name, 'avro')).toBe(adjusted)
    expect(adjustSchemaName('my-lab.tab-dash.Key', 'avro')).toBe('my_lab.tab_dash.Key')
    expect(adjustSchemaName('9lab.Key', 'avro')).toBe('_9lab.Key')
  })

  test('avro_unicode escapes, the underscore too', () => {
    const fields = { 'a"b': 'a_u0022b', '1digit': '_u0031digit', _under: '_u005funder', 'id.x': 'id_u002ex', ключ: '_u43a_u43b_u44e_u447', 'emoji😀': 'emoji_ud83d_ude00', ß: '_u00df', 'a\tb': 'a_u009b' }
    for (const [name, adjusted] of Object.entries(fields)) expect(adjustFieldName(name, 'avro_unicode')).toBe(adjusted)
    expect(adjustSchemaName('lab.Mixed_Case.Key', 'avro_unicode')).toBe('lab.Mixed_u005fCase.Key')
  })

  test('two columns that get one name are refused, and both are named', () => {
    const schema: Schema = { type: 'int32', optional: true }
    const fields = ['a b', 'c', 'a/b'].map((name) => ({ name, schema }))
    let error: unknown
    try {
      adjustFields(fields, 'avro', 'public.quo"te')
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(TailraceError)
    expect((error as TailraceError).code).toBe('TR_NAME_COLLISION')
    expect((error as TailraceError).message).toBe('Columns "a b" and "a/b" of public.quo"te both become "a_b"')
    expect(adjustFields(fields, 'avro_unicode', 't').map(({ name }) => name)).toEqual(['a_u0020b', 'c', 'a_u002fb'])
    expect(adjustFields(fields, 'none', 't')).toBe(fields)
  })
})

test('a run id is a UUID of version 7 that begins with its time', () => {
  const now = 0x0189_abcd_ef01
  const id = uuidV7(now)
  expect(id).toMatch(/^0189abcd-ef01-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(uuidV7(now)).not.toBe(id)
})
