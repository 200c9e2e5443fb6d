import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isReplication, startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

describe('the faulty network', () => {
  let upstream: Server
  let served: Socket[]
  let proxy: TcpProxy
  const clients: Socket[] = []

  beforeEach(async () => {
    served = []
    upstream = await listen((socket) => socket.on('data', (chunk) => socket.write(chunk)))
    proxy = await startTcpProxy(port(upstream))
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await proxy[Symbol.asyncDispose]()
    upstream.close()
  })

  async function listen(serve: (socket: Socket) => void): Promise<Server> {
    const server = createServer((socket) => {
      served.push(socket)
      socket.on('error', () => undefined)
      serve(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }

  function dial(): Client {
    const socket = connect(proxy.port, '127.0.0.1')
    clients.push(socket)
    return new Client(socket)
  }

  it('passes bytes in both directions and counts them', async () => {
    const client = dial()
    client.socket.write('hello')
    expect(await client.read(5)).toBe('hello')
    expect(proxy.counters).toEqual({ accepted: 1, open: 1, toClient: 5, toServer: 5, swallowed: 0 })
  })

  it('carries an orderly end of the client to the server and back', async () => {
    const client = dial()
    client.socket.end('bye')
    expect(await client.read(3)).toBe('bye')
    expect(await client.end).toBe('end')
    await until(() => proxy.counters.open === 0)
    expect(proxy.counters).toMatchObject({ toClient: 3, toServer: 3 })
  })

  it('cut: both sides see a reset', async () => {
    const client = dial()
    client.socket.write('x')
    await client.read(1)
    const reset = once(served[0]!, 'error')
    proxy.cut()
    expect(await client.end).toBe('ECONNRESET')
    expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' })
  })

  it('fin: the client sees an orderly end, and nothing that is sent later', async () => {
    const client = dial()
    client.socket.write('x')
    await client.read(1)
    proxy.fin()
    expect(await client.end).toBe('end')
    expect(client.text).toBe('x')
  })

  it('cutAfter: the client gets exactly that many bytes more', async () => {
    const client = dial()
    client.socket.write('abc')
    await client.read(3)
    proxy.cutAfter(7)
    client.socket.write('0123456789')
    // libuv reports bytes and a reset that arrive together as bytes and an end (uv__stream_io, POLLHUP).
    expect(['ECONNRESET', 'end']).toContain(await client.end)
    expect(client.text).toBe('abc0123456')
  })

  it('only the chosen connection is cut', async () => {
    const plain = dial()
    const replication = dial()
    plain.socket.write('\0user\0replication\0')
    replication.socket.write('\0user\0postgres\0replication\0database\0\0')
    await plain.read(1)
    await replication.read(1)
    proxy.cut(isReplication)
    expect(await replication.end).toBe('ECONNRESET')
    plain.socket.write('still here')
    expect(await plain.read(28)).toContain('still here')
  })

  it('blackhole: nothing comes back, no end is seen; healed, only new connections work', async () => {
    const client = dial()
    client.socket.write('known')
    await client.read(5)
    proxy.blackhole(true)
    client.socket.write('lost')
    await until(() => proxy.counters.swallowed === 4)
    proxy.blackhole(false)
    client.socket.write('also')
    await until(() => proxy.counters.swallowed === 8)
    const second = dial()
    second.socket.write('found')
    expect(await second.read(5)).toBe('found')
    expect(client.text).toBe('known')
    expect(proxy.counters.toServer).toBe('known'.length + 'found'.length)
    client.socket.resetAndDestroy()
    await until(() => proxy.connections.length === 2 && served.length === 2)
    expect(served.every((socket) => !socket.destroyed)).toBe(true)
  })

  it('stall: nothing moves, nothing is lost', async () => {
    const client = dial()
    client.socket.write('a')
    await client.read(1)
    proxy.stall(true)
    client.socket.write('b')
    const second = dial()
    second.socket.write('c')
    for (let i = 0; i < 50; i++) await turn()
    expect(proxy.counters.toServer).toBe(1)
    proxy.stall(false)
    expect(await client.read(2)).toBe('ab')
    expect(await second.read(1)).toBe('c')
  })

  it('oneByte: the client gets single bytes', async () => {
    proxy.oneByte(true)
    const client = dial()
    const text = 'one at a time, please'
    client.socket.write(text)
    expect(await client.read(text.length)).toBe(text)
    expect(client.chunks).toBeGreaterThan(text.length / 2)
  })

  it('rate: bytes take their time', async () => {
    proxy.rate(2000)
    const client = dial()
    const from = performance.now()
    client.socket.write('x'.repeat(500))
    await client.read(500)
    expect(performance.now() - from).toBeGreaterThan(200)
  })

  it('retarget: new connections go to the other server, open ones stay', async () => {
    const client = dial()
    client.socket.write('a')
    await client.read(1)
    const other = await listen((socket) => socket.end('other'))
    proxy.retarget(port(other))
    const second = dial()
    expect(await second.read(5)).toBe('other')
    client.socket.write('b')
    expect(await client.read(2)).toBe('ab')
    other.close()
  })

  it('refuse: new connections are reset', async () => {
    proxy.refuse(true)
    expect(await dial().end).toBe('ECONNRESET')
    proxy.refuse(false)
    const client = dial()
    client.socket.write('x')
    expect(await client.read(1)).toBe('x')
  })

  it('a server that is down is a reset for the client', async () => {
    upstream.close()
    expect(await dial().end).toBe('ECONNRESET')
  })

  it('a client that does not read stops the server: nothing is kept in between', async () => {
    const flood = await listen((socket) => {
      const more = (): void => {
        while (socket.write(Buffer.alloc(65536)));
        socket.once('drain', more)
      }
      more()
    })
    proxy.retarget(port(flood))
    const socket = connect(proxy.port, '127.0.0.1')
    clients.push(socket)
    await once(socket, 'connect')
    let before = -1
    // Until a hundred turns of the event loop pass without progress: every buffer on the way is full.
    for (let idle = 0; idle < 100; idle++) {
      if (served[0]?.bytesWritten !== before) idle = 0
      before = served[0]?.bytesWritten ?? -1
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(before).toBeLessThan(64 * 1024 * 1024)
    expect(before).toBeGreaterThan(0)
    flood.close()
  })
})

function port(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}

class Client {
  readonly socket: Socket
  text = ''
  chunks = 0
  /** How the connection ended: 'end', or an error's code. */
  readonly end: Promise<string>

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1')
      this.chunks++
    })
    this.end = new Promise((resolve) => {
      socket.on('end', () => resolve('end'))
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    })
  }

  async read(length: number): Promise<string> {
    await until(() => this.text.length >= length)
    return this.text
  }
}
