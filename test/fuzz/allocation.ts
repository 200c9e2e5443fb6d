/*
  Counts what is asked of Buffer while something runs: an allocation whose size a message dictates shows here, whatever the
  garbage collector does meanwhile.
*/

type Make = (first: unknown, ...rest: unknown[]) => Buffer
type Maker = 'alloc' | 'allocUnsafe' | 'allocUnsafeSlow' | 'concat' | 'from'

const SIZE: Readonly<Record<Maker, (first: unknown) => number>> = {
  alloc: Number, allocUnsafe: Number, allocUnsafeSlow: Number,
  concat: (parts) => (parts as readonly Uint8Array[]).reduce((sum, part) => sum + part.length, 0),
  from: (value) => (typeof value === 'string' || ArrayBuffer.isView(value) ? (value as { length: number }).length : 0),
}
const makers = Object.keys(SIZE) as Maker[]
const buffers = Buffer as unknown as Record<Maker, Make>
const real = Object.fromEntries(makers.map((name) => [name, buffers[name]])) as Record<Maker, Make>
let bytes = 0
let counting = false

function counted(name: Maker): Make {
  return (first, ...rest) => {
    // before it is made: one that is too large would throw
    if (counting) bytes += SIZE[name](first)
    return real[name].call(Buffer, first, ...rest)
  }
}

/** Runs it and tells how many bytes of buffers were allocated meanwhile. */
export async function countAllocations<T>(run: () => Promise<T> | T): Promise<{ readonly result: T; readonly bytes: number }> {
  for (const name of makers) buffers[name] = counted(name)
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
