import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { publicEd25519, signEd25519 } from '../../../../../src/source/mysql/wire/ed25519.ts'

/** RFC 8410: what stands before the 32 bytes of a seed, and of a public key. */
const PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC = Buffer.from('302a300506032b6570032100', 'hex')

test('with a secret of 32 bytes it is Ed25519 as Node has it', () => {
  for (let round = 0; round < 20; round++) {
    const seed = randomBytes(32)
    const message = randomBytes(round * 3)
    const key = createPrivateKey({ key: Buffer.concat([PRIVATE, seed]), format: 'der', type: 'pkcs8' })
    expect(signEd25519(seed, message).toString('hex'), seed.toString('hex')).toBe(sign(null, message, key).toString('hex'))
    const known = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC.length)
    expect(publicEd25519(seed).toString('hex')).toBe(known.toString('hex'))
  }
})

test('RFC 8032, section 7.1, TEST 1 and TEST SHA(abc)', () => {
  const first = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
  expect(signEd25519(first, Buffer.alloc(0)).toString('hex')).toBe(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  )
  const last = Buffer.from('833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42', 'hex')
  const abc = createHash('sha512').update('abc').digest()
  expect(signEd25519(last, abc).toString('hex')).toBe(
    'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  )
})

test('a secret of any other length signs what its public key verifies', () => {
  for (const length of [0, 1, 8, 31, 33, 64, 300]) {
    const secret = randomBytes(length)
    const message = randomBytes(32)
    const key = createPublicKey({ key: Buffer.concat([PUBLIC, publicEd25519(secret)]), format: 'der', type: 'spki' })
    const signature = signEd25519(secret, message)
    expect(signature.length).toBe(64)
    expect(verify(null, message, key, signature), secret.toString('hex')).toBe(true)
    message[0]! ^= 1
    expect(verify(null, message, key, signature)).toBe(false)
  }
})
