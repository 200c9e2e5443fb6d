/**
 * What stands before a schema registry in the world: a login, a load balancer that is unwell. Confluent's API at the
 * root of a port, in this process; what no script answers goes on to the registry behind it.
 *
 *     front.url                                                     // http://127.0.0.1:port
 *     front.requireLogin({ basic: 'user:password' })                // 401 without it; { bearer: 'token' }; undefined: off
 *     front.answer({ status: 500, errorCode: 50001 })               // every request, until clear()
 *     front.answer({ status: 409 }, { times: 1, when: ({ method }) => method === 'POST' })
 *     front.answer('hang'); front.answer('reset')                   // no answer at all; the connection is cut
 *     front.answer({ status: 503, after: true })                    // the registry does it, and the answer is lost
 *     front.requests                                                // what came: method, path, authorization, body
 *     front.clear()                                                 // forgets scripts; those that hang are answered
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificates } from './tls.ts'

export interface FrontOptions {
  /** Port of 127.0.0.1 with the registry; can be set later (`target`). Without one, what is not scripted is answered 502. */
  readonly target?: number
  /** Before every path, e.g. `/apis/ccompat/v7`. Default none. */
  readonly prefix?: string
  /** Then `url` is https://localhost:port. */
  readonly tls?: Certificates['server']
}

export interface RegistryRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}

export interface ScriptedAnswer {
  readonly status: number
  /** The body's `error_code`; default the status. */
  readonly errorCode?: number
  readonly message?: string
  /** The whole body, in place of the two. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The registry gets the request all the same. Default false. */
  readonly after?: boolean
}

interface Script {
  readonly answer: ScriptedAnswer | 'hang' | 'reset'
  readonly when: (request: RegistryRequest) => boolean
  left: number
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

/** Starts one on a free port of 127.0.0.1. Ended by `await using`. */
export async function startRegistryFront(options: FrontOptions = {}): Promise<RegistryFront> {
  const { tls } = options
  const server = tls === undefined ? http.createServer() : https.createServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) })
  const front = new RegistryFront(server, options)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return front
}

export class RegistryFront implements AsyncDisposable {
  readonly requests: RegistryRequest[] = []
  /** Where requests go on to. */
  target: number | undefined
  readonly #server: http.Server
  readonly #options: FrontOptions
  readonly #agent = new http.Agent({ keepAlive: true })
  readonly #hanging = new Set<() => void>()
  #login: string | undefined
  #scripts: Script[] = []

  constructor(server: http.Server, options: FrontOptions) {
    this.#server = server
    this.#options = options
    this.target = options.target
    server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
      this.#take(request, response).catch(() => response.destroy())
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return this.#options.tls === undefined ? `http://127.0.0.1:${this.port}` : `https://localhost:${this.port}`
  }

  requireLogin(login: { basic: string } | { bearer: string } | undefined): void {
    if (login === undefined) this.#login = undefined
    else this.#login = 'basic' in login ? `Basic ${Buffer.from(login.basic).toString('base64')}` : `Bearer ${login.bearer}`
  }

  /** Scripts are looked at in the order they were given; the first whose `when` says yes (default: always) answers, `times` times (default: for ever). */
  answer(answer: ScriptedAnswer | 'hang' | 'reset', { when = () => true, times = Infinity }: { when?: (request: RegistryRequest) => boolean; times?: number } = {}): void {
    this.#scripts.push({ answer, when, left: times })
  }

  clear(): void {
    this.#scripts = []
    for (const goOn of this.#hanging) goOn()
    this.#hanging.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    this.#agent.destroy()
    await closed
  }

  async #take(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = (await bytes(incoming)).toString()
    const request = { method: incoming.method ?? '', path: incoming.url ?? '/', authorization: incoming.headers.authorization, body }
    this.requests.push(request)
    const script = this.#scripts.find((one) => one.left > 0 && one.when(request))
    if (script !== undefined) {
      script.left--
      if (await this.#play(script.answer, request, incoming, response)) return
    } else if (this.#login !== undefined && request.authorization !== this.#login) {
      respond(response, { status: 401, message: 'Unauthorized', headers: { 'www-authenticate': this.#login.startsWith('Basic') ? 'Basic realm="registry"' : 'Bearer' } })
      return
    }
    await this.#forward(request, incoming.headers, (status, headers, answer) => response.writeHead(status, headers).end(answer))
  }

  /** False: the request goes its way after all. */
  async #play(answer: Script['answer'], request: RegistryRequest, incoming: http.IncomingMessage, response: http.ServerResponse): Promise<boolean> {
    if (answer === 'hang') {
      await new Promise<void>((resolve) => this.#hanging.add(resolve))
      return false
    }
    if (answer === 'reset') {
      incoming.socket.resetAndDestroy()
      return true
    }
    if (answer.after === true) await this.#forward(request, incoming.headers, () => undefined)
    respond(response, answer)
    return true
  }

  async #forward(request: RegistryRequest, headers: http.IncomingHttpHeaders, answer: (status: number, headers: http.OutgoingHttpHeaders, body: string | Buffer) => unknown): Promise<void> {
    const { prefix = '' } = this.#options
    if (this.target === undefined) {
      answer(502, { 'content-type': 'text/plain' }, 'no registry behind')
      return
    }
    // The registry behind has no login of its own.
    const passed: http.OutgoingHttpHeaders = { ...headers, 'content-length': Buffer.byteLength(request.body) }
    delete passed['authorization']
    delete passed['transfer-encoding']
    const up = http.request({ host: '127.0.0.1', port: this.target, method: request.method, path: prefix + request.path, headers: passed, agent: this.#agent })
    up.end(request.body)
    try {
      const [down] = (await once(up, 'response')) as [http.IncomingMessage]
      // As it came: it may be compressed.
      const body = await bytes(down)
      const passedBack: http.OutgoingHttpHeaders = { ...down.headers, 'content-length': body.length }
      for (const ofTheHop of ['transfer-encoding', 'connection', 'keep-alive']) delete passedBack[ofTheHop]
      answer(down.statusCode ?? 502, passedBack, body)
    } catch (error) {
      answer(502, { 'content-type': 'text/plain' }, String(error))
    }
  }
}

function respond(response: http.ServerResponse, answer: ScriptedAnswer): void {
  const body = answer.body ?? JSON.stringify({ error_code: answer.errorCode ?? answer.status, message: answer.message ?? 'scripted' })
  response.writeHead(answer.status, { 'content-type': CONTENT_TYPE, ...answer.headers }).end(body)
}

async function bytes(stream: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
