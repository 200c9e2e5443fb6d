import { createServer } from 'node:net'
import { randomInt } from 'node:crypto'

/**
 * A port of 127.0.0.1 nobody listens on. Taken below the range operating systems give to outgoing connections (32768
 * and up), so that the port of a server that is down for a moment is not taken by somebody's client meanwhile.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(15_000, 32_000)
    if (await isFree(port)) return port
  }
  throw new Error('no free port found in 200 attempts')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
