import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { gather, gatheringWrite } from '../../../src/kafka/kafkajs/gathered-requests.ts'

/** What a server gets of the requests that are written to a gathering socket. */
async function received(requests: readonly Buffer[]): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [other] = (await once(server, 'connection')) as [typeof socket]
  socket.write = gatheringWrite(socket)
  for (const request of requests) socket.write(request)
  socket.end()
  const chunks: Buffer[] = []
  for await (const chunk of other) chunks.push(chunk as Buffer)
  server.close()
  return Buffer.concat(chunks)
}

/** As kafkajs writes one: its length, a header, the body. */
function request(header: string, body: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(header), body])
  bytes.writeInt32BE(bytes.length - 4)
  return bytes
}

describe('a request whose body is in several places', () => {
  it('is written in order among others, with its whole length', async () => {
    const parts = [Buffer.from('first '), Buffer.alloc(300_000, 'x'), Buffer.from(' last')]
    using body = gather(parts)
    expect(body.placeholder.length).toBeLessThan(50)
    const before = request('A', Buffer.from('plain'))
    expect((await received([before, request('B', body.placeholder), before])).equals(Buffer.concat([before, request('B', Buffer.concat(parts)), before]))).toBe(true)
  })

  it('and others at the same time are told apart', async () => {
    using one = gather([Buffer.from('one')])
    using two = gather([Buffer.from('two'), Buffer.from('!')])
    expect(await received([request('B', two.placeholder), request('A', one.placeholder)])).toEqual(Buffer.concat([request('B', Buffer.from('two!')), request('A', Buffer.from('one'))]))
  })

  it('that was given up before it was written is cut short: nothing of it is made up', async () => {
    const body = gather([Buffer.from('gone')])
    const written = request('A', body.placeholder)
    body[Symbol.dispose]()
    expect(await received([written])).toEqual(request('A', Buffer.alloc(0)))
  })

  it('leaves what only looks like a request alone', async () => {
    const short = Buffer.from([0, 0, 0, 0])
    expect(await received([short, Buffer.alloc(24)])).toEqual(Buffer.concat([short, Buffer.alloc(24)]))
  })
})
