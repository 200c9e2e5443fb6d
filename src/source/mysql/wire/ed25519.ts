import { createHash } from 'node:crypto'

/*
  MariaDB's client_ed25519 signs with Ed25519 (RFC 8032, section 5.1.6), but expands a password of any length where the RFC expands a
  seed of 32 bytes (https://mariadb.com/docs/server/reference/plugins/authentication-plugins/authentication-plugin-ed25519). Signing with a given expanded key is
  nothing that node:crypto offers. Not in constant time: one signature a login, over a network.
*/

/** The field's prime, the group's order, and the curve's constant -121665/121666. */
const P = 2n ** 255n - 19n
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const D = mod(-121665n * inverse(121666n))

/** Extended homogeneous coordinates: x = X/Z, y = Y/Z, xy = T/Z. */
type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint]

const BASE_Y = mod(4n * inverse(5n))
const BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202n
const BASE: Point = [BASE_X, BASE_Y, 1n, mod(BASE_X * BASE_Y)]
const NEUTRAL: Point = [0n, 1n, 1n, 0n]

/** The 64 bytes that answer a server's scramble. */
export function signEd25519(secret: Buffer, message: Buffer): Buffer {
  const { scalar, prefix } = expand(secret)
  const publicKey = encode(multiply(BASE, scalar))
  const nonce = numberOf(sha512(prefix, message)) % ORDER
  const point = encode(multiply(BASE, nonce))
  const challenge = numberOf(sha512(point, publicKey, message)) % ORDER
  return Buffer.concat([point, bytesOf((nonce + challenge * scalar) % ORDER)])
}

/** What a server keeps of a secret. */
export function publicEd25519(secret: Buffer): Buffer {
  return encode(multiply(BASE, expand(secret).scalar))
}

function expand(secret: Buffer): { scalar: bigint; prefix: Buffer } {
  const hash = sha512(secret)
  hash[0]! &= 0xf8
  hash[31] = (hash[31]! & 0x7f) | 0x40
  return { scalar: numberOf(hash.subarray(0, 32)), prefix: hash.subarray(32) }
}

/** RFC 8032, section 5.1.4. */
function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = mod((y1 - x1) * (y2 - x2))
  const b = mod((y1 + x1) * (y2 + x2))
  const c = mod(2n * t1 * t2 * D)
  const d = mod(2n * z1 * z2)
  const [e, f, g, h] = [b - a, d - c, d + c, b + a]
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)]
}

function multiply(point: Point, times: bigint): Point {
  let sum = NEUTRAL
  let doubled = point
  for (let rest = times; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) sum = add(sum, doubled)
    doubled = add(doubled, doubled)
  }
  return sum
}

/** y, and the lowest bit of x on top. */
function encode([x, y, z]: Point): Buffer {
  const scale = inverse(z)
  return bytesOf(mod(y * scale) | ((mod(x * scale) & 1n) << 255n))
}

function mod(value: bigint): bigint {
  const rest = value % P
  return rest < 0n ? rest + P : rest
}

/** By Fermat: value ** (P - 2). */
function inverse(value: bigint): bigint {
  let result = 1n
  let power = mod(value)
  for (let rest = P - 2n; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = mod(result * power)
    power = mod(power * power)
  }
  return result
}

function sha512(...parts: Buffer[]): Buffer {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function numberOf(littleEndian: Buffer): bigint {
  return BigInt(`0x${Buffer.from(littleEndian).reverse().toString('hex')}`)
}

function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse()
}
