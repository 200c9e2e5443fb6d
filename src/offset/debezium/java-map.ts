/*
 * The Java Object Serialization Stream of a HashMap<byte[],byte[]>, which Kafka Connect's FileOffsetBackingStore writes:
 * https://docs.oracle.com/en/java/javase/17/docs/specs/serialization/protocol.html, and HashMap.writeObject of the JDK.
 *
 *   stream      magic version object
 *   object      TC_OBJECT classDesc loadFactor threshold TC_BLOCKDATA 8 buckets size { key value } TC_ENDBLOCKDATA
 *   key, value  TC_NULL | TC_REFERENCE handle | TC_ARRAY classDesc length bytes
 *   classDesc   TC_CLASSDESC name uid flags fields TC_ENDBLOCKDATA TC_NULL | TC_REFERENCE handle
 */

/** A key or a value; null as Java's null. */
export type JavaBytes = Uint8Array | null
export type JavaMap = readonly (readonly [key: JavaBytes, value: JavaBytes])[]

const TC_NULL = 0x70
const TC_REFERENCE = 0x71
const TC_ARRAY = 0x75
const TC_ENDBLOCKDATA = 0x78
/** Handles are numbers from here on, in the order in which classes and objects are met. */
const FIRST_HANDLE = 0x7e0000

/** Everything up to HashMap's own fields: magic, version, TC_OBJECT, and the class with its two fields. */
const HEAD = Buffer.concat([
  Buffer.from('aced0005' + '73' + '72' + '0011', 'hex'), Buffer.from('java.util.HashMap'), Buffer.from('0507dac1c31660d1' + '03' + '0002', 'hex'),
  Buffer.from('46' + '000a', 'hex'), Buffer.from('loadFactor'), Buffer.from('49' + '0009', 'hex'), Buffer.from('threshold'), Buffer.from('7870', 'hex'),
])
const BYTE_ARRAY_CLASS = Buffer.concat([Buffer.from('72' + '0002', 'hex'), Buffer.from('[B'), Buffer.from('acf317f8060854e0' + '02' + '0000' + '78' + '70', 'hex')])
/** HashMap's class and the map itself are the first two. */
const BYTE_ARRAY_HANDLE = FIRST_HANDLE + 2
const LOAD_FACTOR = 0.75

/** The bytes are not such a stream. */
export class NoJavaMap extends Error {}

/** Reads the entries; they are parts of `bytes`. Throws a {@link NoJavaMap} that says what is wrong. */
export function readJavaMap(bytes: Buffer): JavaMap {
  return new MapReader(bytes).read()
}

class MapReader {
  readonly #bytes: Buffer
  /** By handle; undefined for what is no array. */
  readonly #handles: (Uint8Array | undefined)[] = [undefined, undefined]
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  read(): JavaMap {
    if (!this.#take(HEAD.length, 'the class').equals(HEAD)) throw new NoJavaMap('it does not begin as a HashMap of Java does')
    // load factor and threshold, which Java works out anew as well
    this.#take(8, 'the fields')
    if (this.#take(2, 'the block').readUInt16BE() !== 0x7708) throw new NoJavaMap('the map’s size is missing')
    const size = this.#take(8, 'the size').readInt32BE(4)
    const entries: [JavaBytes, JavaBytes][] = []
    const keys = new Set<string>()
    // bounded by the bytes there are, whatever the size says
    for (let index = 0; index < size; index++) {
      const key = this.#array()
      entries.push([key, this.#array()])
      keys.add(key === null ? 'null' : `=${Buffer.from(key).toString('latin1')}`)
    }
    if (size < 0 || this.#byte() !== TC_ENDBLOCKDATA || this.#at !== this.#bytes.length) throw new NoJavaMap('it does not end with the map')
    if (keys.size !== size) throw new NoJavaMap('a key is there twice')
    return entries
  }

  #array(): JavaBytes {
    const tag = this.#byte()
    if (tag === TC_NULL) return null
    if (tag === TC_REFERENCE) {
      const array = this.#handles[this.#int() - FIRST_HANDLE]
      if (array === undefined) throw new NoJavaMap('a reference is to nothing, or to something else than bytes')
      return array
    }
    if (tag !== TC_ARRAY) throw new NoJavaMap('an entry is something else than bytes')
    this.#byteArrayClass()
    const length = this.#int()
    if (length < 0) throw new NoJavaMap('a length is negative')
    const array = this.#take(length, 'an entry')
    this.#handles.push(array)
    return array
  }

  #byteArrayClass(): void {
    if (this.#bytes[this.#at] === TC_REFERENCE) {
      this.#at++
      if (this.#int() === BYTE_ARRAY_HANDLE && this.#handles.length > 2) return
    } else if (this.#handles.length === 2 && this.#take(BYTE_ARRAY_CLASS.length, 'a class').equals(BYTE_ARRAY_CLASS)) {
      this.#handles.push(undefined)
      return
    }
    throw new NoJavaMap('an entry is an array of something else than bytes')
  }

  #byte(): number {
    return this.#take(1, 'a byte')[0]!
  }

  #int(): number {
    return this.#take(4, 'a number').readInt32BE()
  }

  #take(length: number, what: string): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new NoJavaMap(`it ends within ${what}`)
    const part = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return part
  }
}

/** The bytes that Java writes for a new HashMap with these entries in this order. */
export function writeJavaMap(map: JavaMap): Buffer {
  let buckets = 16
  while (map.length > buckets * LOAD_FACTOR) buckets *= 2
  const fields = Buffer.alloc(18)
  fields.writeFloatBE(LOAD_FACTOR)
  fields.writeInt32BE(buckets * LOAD_FACTOR, 4)
  fields.writeUInt16BE(0x7708, 8)
  fields.writeInt32BE(buckets, 10)
  fields.writeInt32BE(map.length, 14)
  const parts: Uint8Array[] = [HEAD, fields]
  let arrays = 0
  for (const bytes of map.flat()) {
    if (bytes === null) parts.push(Buffer.of(TC_NULL))
    else parts.push(Buffer.of(TC_ARRAY), arrays++ === 0 ? BYTE_ARRAY_CLASS : Buffer.concat([Buffer.of(TC_REFERENCE), int(BYTE_ARRAY_HANDLE)]), int(bytes.length), bytes)
  }
  return Buffer.concat([...parts, Buffer.of(TC_ENDBLOCKDATA)])
}

function int(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(number)
  return bytes
}
