import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileJavaPattern } from '../../../src/debezium/pattern/java-pattern.ts'
import { readRegexList, splitList } from '../../../src/debezium/pattern/regex-list.ts'

/** Each outcome below is java.util.regex's own (Pattern.CASE_INSENSITIVE, matches()). */
describe('an expression in Java’s syntax', () => {
  test.each<[pattern: string, matching: string[], other: string[]]>([
    ['public.orders', ['public.orders', 'PUBLIC.Orders', 'publicXorders'], ['public.orders2', 'xpublic.orders']],
    ['public\\.(a|b)', ['public.a', 'public.B'], ['publicxa', 'public.c', 'public.ab']],
    ['[a-c]+', ['abc', 'ABC'], ['d', 'é']],
    ['[A-z]', ['a', 'Z', '_'], ['1', 'é']],
    ['[^a]', ['b', '1'], ['a', 'A']],
    ['[]a]', [']', 'a', 'A'], ['b']],
    ['[\\w-.]+', ['a-b.c_1'], ['a b', 'é']],
    ['[é-ü]', ['ê', 'ü'], ['É', 'Ü', 'e']],
    ['é', ['é'], ['É']],
    ['k', ['k', 'K'], ['\u212a']],
    ['s', ['S'], ['ſ']],
    ['a-b_c/d', ['a-b_c/d', 'A-B_C/D'], ['ab_c/d']],
    ['a\\-\\_\\ b', ['a-_ b'], ['ab']],
    ['\\Qa.b*\\Ec', ['a.b*c', 'A.B*C'], ['axb*c']],
    ['\\s', [' ', '\t'], ['\u00a0']],
    ['[\\S]', ['\u00a0', 'x'], [' ']],
    ['.', ['x', '😀', ' '], ['\n', '\u0085', '']],
    ['\\x41\\u0042\\x{1F600}', ['AB😀', 'ab😀'], ['AC😀']],
    ['(?i)abc', ['ABC'], ['ab']],
    ['(?i:a)b', ['AB'], ['a']],
    ['(?!tmp_).*', ['orders'], ['tmp_orders', 'TMP_x']],
    ['\\p{Alpha}\\d{2,}', ['x12'], ['é12', 'x1']],
    ['\\p{L}', ['é', 'x'], ['1']],
    ['a}', ['a}'], ['a']],
    ['\\Aa\\z', ['a'], ['aa']],
    ['a.*?', ['a', 'abc'], ['b']],
  ])('%s', (pattern, matching, other) => {
    const expression = compileJavaPattern(pattern)
    expect(matching.filter((name) => !expression.test(name))).toEqual([])
    expect(other.filter((name) => expression.test(name))).toEqual([])
  })

  test.each<[pattern: string, reason: string]>([
    ['public.(a', 'unclosed group at position 7'],
    ['a)', 'unmatched ) at position 1'],
    ['[v', 'unclosed character class at position 0'],
    ['*a', 'nothing to repeat before * at position 0'],
    ['a{1', 'unclosed counted repetition at position 1'],
    ['a\\', 'the expression ends with a backslash at position 1'],
    ['[z-a]', 'illegal range at position 2'],
    ['[a-\\d]', 'a range cannot end with a set at position 2'],
    ['a++', 'possessive repetition does not exist in JavaScript at position 1'],
    ['(?>a)', 'atomic groups (?>…) do not exist in JavaScript at position 0'],
    ['[a-z&&[^b]]', 'intersections (&&) are not supported at position 4'],
    ['[a[b]]', 'a class inside a class is not supported at position 2'],
    ['(a)\\1', 'back-references are not supported at position 3'],
    ['\\bword', '\\b is not supported at position 0'],
    ['(?s).', 'inline flags other than (?i) are not supported at position 0'],
    ['\\p{Lu}', 'the property class Lu is not supported at position 0'],
  ])('%s is refused, with the reason', (pattern, reason) => {
    expect(() => compileJavaPattern(pattern)).toThrow(reason)
  })

  test('any name, quoted, matches itself and its ASCII case variants only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }), (name, other) => {
        fc.pre(!name.includes('\\E'))
        const expression = compileJavaPattern(`\\Q${name}\\E`)
        const folded = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
        expect(expression.test(name)).toBe(true)
        expect(expression.test(other)).toBe(folded(other) === folded(name))
      }),
    )
  })

  test('any text either compiles or is refused with a place in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab.*+?()[]{}|\\^$-&<>=!:,Qdwps0 é😀'), maxLength: 12 }), (pattern) => {
        try {
          compileJavaPattern(pattern).test('abc')
        } catch (error) {
          expect(error).toMatchObject({ name: 'PatternSyntaxError' })
          expect((error as { position: number }).position).toBeLessThanOrEqual(pattern.length)
        }
      }),
    )
  })
})

describe('a list of expressions', () => {
  test.each<[text: string, items: string[]]>([
    ['a,b', ['a', 'b']],
    [' a , b ', ['a', 'b']],
    ['a\\,b', ['a,b']],
    ['a\\\\,b', ['a\\\\', 'b']],
    ['a\\.b,c', ['a\\.b', 'c']],
    ['a,,b,', ['a', 'b']],
    ['x{1\\,2}', ['x{1,2}']],
    [' ', []],
  ])('%s', (text, items) => {
    expect(splitList(text)).toEqual(items)
  })

  test('names each item that cannot be used', () => {
    expect(readRegexList('ok,(a,[b').reasons).toEqual(['"(a": unclosed group at position 0', '"[b": unclosed character class at position 0'])
  })
})
