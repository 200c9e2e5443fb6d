import { describe, expect, test } from 'vitest'
import { isKnownHash, textHash } from '../../../src/source/column-hash.ts'

/** What java.security.MessageDigest gave on Java 21 for the bytes of the salt and of this text: serialized by an ObjectOutputStream, and as UTF-8. */
const ODD = 'a\u0000é漢😀\uffff'
const SALT = 'sälz'

describe('the hash of a column’s value', () => {
  test.each([
    ['MD5', 'e9881c25eb633c30ad2478ee81bbc033', 'cee05610aa2c60f92564bf24d461ef62'],
    ['SHA', 'eae93d25da32fce5da37b6d32c5fe738b6a42c73', '5c996068022b7db055191fa2d72a3567cef56cbf'],
    ['sha-1', 'eae93d25da32fce5da37b6d32c5fe738b6a42c73', '5c996068022b7db055191fa2d72a3567cef56cbf'],
    ['SHA-224', 'e303b5e42fe2755b5a99347fa8d51766767e4347a9d0f4265b9fd95e', '3e7e25795b3c6473f9880f54c3cc58d7511dc195718d4df73df71240'],
    ['SHA-512/224', 'fcccf4a02d38084ac49d3d762bed2d06ba7108af90d2b33eeaf1cd77', '6c2c0d7dd3f36416bfa664e0c84c7f725ef145784ca70233d671a421'],
    ['SHA-512/256', '5c50d88f8bf0e9fab9a84113014bb75d11ace2b7fc13bb8039c46d735b4a7de5', '5fb9c44e2cc1ce48f44a937fb08094e33f8e4a2d298faf39ea8c3b1f2701e18c'],
    ['SHA3-256', 'f82ed92eb6e2ab45bf4a325b4db0ef9a768e498c5a9dc2e00a46ae4948aeb608', 'e71640623a489ada61dbd2b1b35d80c2a3191bbecfe1d65050a3413e6c6d36c9'],
  ])('%s is Java’s in both forms', (algorithm, first, second) => {
    expect([textHash(algorithm, SALT, 1)(ODD), textHash(algorithm, SALT, 2)(ODD)]).toEqual([first, second])
  })

  test.each([
    ['', '3877df044f4ad9798f597a33fd5294490fc6cbc48bcc3b349fb71cb9399f97a8'],
    ['x'.repeat(65_535), '80b26722ce5b48749657735e18bbce6c2629eb519286857a1628f2abec993f90'],
    ['x'.repeat(65_536), 'ea43aa79d4f53fe68af2de123690597d130a103c89232c054e1c6c98a939b425'],
    ['é'.repeat(40_000), '7b2c801699c3732c7d1b8dc0e60760766b64d425ada1dc11cbb9a331a2c1bb18'],
  ])('a text of any length is serialized as Java does (%#)', (text, expected) => {
    expect(textHash('SHA-256', 's', 1)(text)).toBe(expected)
  })

  test('other names are none', () => {
    for (const name of ['MD2', 'SHA-4', 'SHAKE256', 'blake2b512', 'sha256', '']) expect(isKnownHash(name)).toBe(false)
    expect(() => textHash('SHA-4', 'secret', 1)).toThrow('The hash algorithm SHA-4 is not known')
  })
})
