/*
  Counts what is asked of Buffer while something runs: an allocation whose size a message dictates shows here, whatever the
  garbage collector does meanwhile.
*/

const real = { alloc: Buffer.alloc, allocUnsafe: Buffer.allocUnsafe, allocUnsafeSlow: Buffer.allocUnsafeSlow, concat: Buffer.concat, from: Buffer.from }
let bytes = 0
let counting = false

function counted<Args extends unknown[]>(make: (...args: Args) => Buffer, sizeOf: (...args: Args) => number): (...args: Args) => Buffer {
  return (...args) => {
    // before it is made: one that is too large would throw
    if (counting) bytes += sizeOf(...args)
    return make.apply(Buffer, args)
  }
}

/** Runs it and tells how many bytes of buffers were allocated meanwhile. */
export async function countAllocations<T>(run: () => Promise<T> | T): Promise<{ readonly result: T; readonly bytes: number }> {
  const size = (length: number): number => length
  Object.assign(Buffer, {
    alloc: counted(real.alloc as (length: number) => Buffer, size), allocUnsafe: counted(real.allocUnsafe, size), allocUnsafeSlow: counted(real.allocUnsafeSlow, size),
    concat: counted(real.concat as (parts: readonly Uint8Array[]) => Buffer, (parts) => parts.reduce((sum, part) => sum + part.length, 0)),
    from: counted(real.from as (value: string) => Buffer, (value) => (typeof value === 'string' || ArrayBuffer.isView(value) ? value.length : 0)),
  })
  bytes = 0
  counting = true
  try {
    return { result: await run(), bytes }
  } finally {
    counting = false
    Object.assign(Buffer, real)
  }
}

/** What the test itself needs, and what is prepared once a table, does not count. */
export function uncounted<T>(run: () => T): T {
  const before = counting
  counting = false
  try {
    return run()
  } finally {
    counting = before
  }
}
