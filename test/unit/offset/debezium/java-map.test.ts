import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NoJavaMap, readJavaMap, writeJavaMap, type JavaBytes, type JavaMap } from '../../../../src/offset/debezium/java-map.ts'
import { seedOf } from '../seed.ts'

/** The file that Debezium 3.6.1 left behind on Java 17. */
const CAPTURED = Buffer.from(
  'aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f4000000000000c770800000010'
  + '00000001757200025b42acf317f8060854e00200007870000000185b226c6162222c7b22736572766572223a226c6162227d5d7571007e0002000000777b226c736e5f70726f63223a3338313933'
  + '3138342c226d65737361676554797065223a22494e53455254222c226c736e5f636f6d6d6974223a33383139333138342c226c736e223a33383139333138342c2274784964223a3737332c2274735f75736563223a313739353230373731393838303531397d78',
  'hex',
)
const KEY = '["lab",{"server":"lab"}]'
const VALUE = '{"lsn_proc":38193184,"messageType":"INSERT","lsn_commit":38193184,"lsn":38193184,"txId":773,"ts_usec":1795207719880519}'

function bytesOf(text: string): Buffer {
  return Buffer.from(text)
}

function plain(map: JavaMap): (string | null)[][] {
  return map.map((entry) => entry.map((bytes) => (bytes === null ? null : Buffer.from(bytes).toString('latin1'))))
}

/** What reading comes to: a map, or a sentence. Anything else is a failure of the reader. */
function outcome(bytes: Buffer): JavaMap | string {
  try {
    return readJavaMap(bytes)
  } catch (error) {
    if (error instanceof NoJavaMap) return error.message
    throw error
  }
}

describe('a serialised map', () => {
  test('that Debezium wrote is read, and written with the same bytes', () => {
    expect(plain(readJavaMap(CAPTURED))).toEqual([[KEY, VALUE]])
    expect(writeJavaMap([[bytesOf(KEY), bytesOf(VALUE)]]).equals(CAPTURED)).toBe(true)
  })

  test('of any entries comes back as it was', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array): JavaBytes => Buffer.from(array))
    const entry = fc.tuple(fc.option(bytes, { freq: 9 }), fc.option(bytes, { freq: 4 }))
    const map = fc.uniqueArray(entry, { selector: ([key]) => (key === null ? 'null' : `=${Buffer.from(key).toString('hex')}`), maxLength: 40 })
    fc.assert(fc.property(map, (entries) => {
      expect(plain(readJavaMap(writeJavaMap(entries)))).toEqual(plain(entries))
    }), { seed: seedOf('maps'), numRuns: 500 })
  })

  test('may name an array that came before again', () => {
    const shared = Buffer.from(writeJavaMap([[bytesOf('a'), bytesOf('b')], [bytesOf('c'), null]]))
    // the value of c: a reference to the fourth thing met, the array a
    const referring = Buffer.concat([shared.subarray(0, -2), Buffer.from('71007e0003' + '78', 'hex')])
    expect(plain(readJavaMap(referring))).toEqual([['a', 'b'], ['c', 'a']])
    for (const handle of ['007e0000', '007e0001', '007e0002', '007e0006', '00000000', 'ffffffff']) {
      expect(outcome(Buffer.concat([shared.subarray(0, -2), Buffer.from(`71${handle}78`, 'hex')]))).toMatch(/reference/)
    }
  })

  test('cut anywhere is not one', () => {
    const whole = writeJavaMap([[bytesOf(KEY), bytesOf(VALUE)], [bytesOf('other'), null], [null, bytesOf('x')]])
    for (let length = 0; length < whole.length; length++) expect(outcome(whole.subarray(0, length)), `cut at ${length}`).toEqual(expect.any(String))
    expect(outcome(Buffer.concat([whole, Buffer.of(0)]))).toMatch(/end with the map/)
  })

  test('with another size, or a key twice, is not one', () => {
    const whole = writeJavaMap([[bytesOf('a'), bytesOf('b')]])
    const size = whole.indexOf(Buffer.from('770800000010', 'hex')) + 6
    for (const wrong of [0, 2, -1, 0x7fffffff, -0x80000000]) {
      const bytes = Buffer.from(whole)
      bytes.writeInt32BE(wrong, size)
      expect(outcome(bytes), String(wrong)).toEqual(expect.any(String))
    }
    expect(outcome(writeJavaMap([[bytesOf('a'), bytesOf('b')], [bytesOf('a'), bytesOf('c')]]))).toMatch(/twice/)
    expect(outcome(writeJavaMap([[null, null], [null, null]]))).toMatch(/twice/)
  })

  test('of other classes is not one', () => {
    for (const [from, to] of [['java.util.HashMap', 'java.util.TreeMap'], ['[B', '[C']] as const) {
      expect(outcome(Buffer.from(CAPTURED.toString('latin1').replace(from, to), 'latin1'))).toEqual(expect.any(String))
    }
    // TC_OBJECT, TC_STRING, TC_CLASS, TC_RESET, TC_EXCEPTION in the place of an entry
    const at = CAPTURED.indexOf(Buffer.from('757200025b42', 'hex'))
    for (const tag of [0x73, 0x74, 0x76, 0x79, 0x7b]) {
      const bytes = Buffer.from(CAPTURED)
      bytes[at] = tag
      expect(outcome(bytes)).toMatch(/something else/)
    }
  })
})
