import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A registry that takes every schema, and gives equal texts equal ids: 1, 2, 3 … */
export class IdServer implements AsyncDisposable {
  /** The texts, in the order of their ids. */
  readonly schemas: string[] = []
  /** Subjects of each text. */
  readonly subjects = new Map<string, Set<string>>()
  requests = 0
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        this.requests++
        const { schema } = JSON.parse(Buffer.concat(chunks).toString()) as { schema: string }
        const subject = decodeURIComponent(/^\/subjects\/([^/]+)/.exec(request.url ?? '')?.[1] ?? '')
        if (!this.schemas.includes(schema)) this.schemas.push(schema)
        this.subjects.set(schema, (this.subjects.get(schema) ?? new Set()).add(subject))
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: this.idOf(schema) }))
      })
    })
  }

  static async start(): Promise<IdServer> {
    const started = new IdServer()
    started.#server.listen(0, '127.0.0.1')
    await once(started.#server, 'listening')
    return started
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  idOf(schema: string): number {
    return this.schemas.indexOf(schema) + 1
  }

  /** The text of a framed value's schema. */
  schemaOf(framed: Buffer): string {
    return this.schemas[framed.readInt32BE(1) - 1]!
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
