/**
 * A schema registry of a test's own, Confluent's API at its root:
 *
 *     await using registry = await startRegistry()
 *     registry.url                               // http://127.0.0.1:port, through registry.front
 *     registry.front.requireLogin(…), .answer(…) // see registry-front.ts
 *     await registry.fetch('/subjects')          // { status, body }, past the front: never scripted, no login
 *     await registry.kill(); await registry.start(); registry.pause(); registry.resume()
 *
 * As Confluent's, the same schema has the same id in every subject, an incompatible one is 409, and the codes are
 * 40401, 40402, 40403, 42201, 42203. Unlike Confluent's, ids have gaps, and GET /config/{subject} answers with the global
 * level where the subject has none (Confluent: 404, 40408).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { JAVA_OPTIONS, startJavaServer, type JavaProcess } from './java-process.ts'
import { freePort } from './port.ts'
import { installRegistry, REGISTRY_VERSION } from './registry-app.ts'
import { startRegistryFront, type RegistryFront } from './registry-front.ts'
import type { Certificates } from './tls.ts'
import { unwatch, watch } from './watchdog.ts'

export interface RegistryOptions {
  /** memory (default): empty after every start. file: kept over restarts. */
  readonly storage?: 'memory' | 'file'
  /** The global level at first. Default BACKWARD, as Confluent's. */
  readonly compatibility?: 'NONE' | 'BACKWARD' | 'BACKWARD_TRANSITIVE' | 'FORWARD' | 'FULL'
  /** Serves HTTPS with this certificate. */
  readonly tls?: Certificates['server']
}

const PREFIX = '/apis/ccompat/v7'

/** Starts one on free ports of 127.0.0.1. Ended by `await using`. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RegistryServer> {
  const place = await installRegistry()
  const dir = await mkdtemp(path.join(os.tmpdir(), 'tailrace-registry-'))
  watch(dir)
  const front = await startRegistryFront({ prefix: PREFIX, ...(options.tls === undefined ? {} : { tls: options.tls }) })
  const server = new RegistryServer(options, { ...place, dir }, front)
  try {
    await server.start()
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  return server
}

export class RegistryServer implements AsyncDisposable {
  readonly front: RegistryFront
  readonly #options: RegistryOptions
  readonly #place: { readonly app: string; readonly java: string; readonly dir: string }
  #process: JavaProcess | undefined
  #port = 0

  constructor(options: RegistryOptions, place: { app: string; java: string; dir: string }, front: RegistryFront) {
    this.#options = options
    this.#place = place
    this.front = front
  }

  /** Kept over restarts. */
  get url(): string {
    return this.front.url
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  log(): string {
    return readFileSync(path.join(this.#place.dir, 'server.log'), 'utf8')
  }

  /** One request to the registry itself; the body is parsed. */
  async fetch(requestPath: string, { method = 'GET', body }: { method?: string; body?: unknown } = {}): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`http://127.0.0.1:${this.#port}${PREFIX}${requestPath}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
  }

  /** Starts it (again). Resolves when it answers. */
  async start(): Promise<void> {
    if (this.#process?.running === true) throw new Error('the registry is running')
    const { app, java, dir } = this.#place
    // Nobody but the front knows these: new ones at every start, so that a port taken meanwhile does not matter.
    const [port, management] = [await freePort(), await freePort()]
    this.#port = port
    this.#process = await startJavaServer({
      name: `Apicurio Registry ${REGISTRY_VERSION}`,
      dir,
      java,
      args: [...JAVA_OPTIONS, '-Xmx400m', ...settings(port, management, dir, this.#options.storage), '-jar', path.join(app, 'quarkus-run.jar')],
      ready: async () => await this.fetch('/subjects').then(({ status }) => status === 200, () => false),
      timeoutMs: 120_000,
    })
    const compatibility = this.#options.compatibility ?? 'BACKWARD'
    // Its own beginning is NONE. What a test has set since is kept with the rest.
    if (this.#options.storage !== 'file' || this.front.target === undefined) {
      const { status } = await this.fetch('/config', { method: 'PUT', body: { compatibility } })
      if (status !== 200) throw new Error(`the registry did not take its compatibility level: ${status}`)
    }
    this.front.target = port
  }

  async stop(): Promise<void> {
    await this.#process?.stop()
  }

  async kill(): Promise<void> {
    await this.#process?.kill()
  }

  pause(): void {
    this.#process?.pause()
  }

  resume(): void {
    this.#process?.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await this.front[Symbol.asyncDispose]()
    await rm(this.#place.dir, { recursive: true, force: true, maxRetries: 5 })
    unwatch(this.#place.dir)
  }
}

function settings(port: number, management: number, dir: string, storage: RegistryOptions['storage']): string[] {
  const data = path.join(dir, 'data')
  const all: Record<string, string> = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': String(port),
    'quarkus.management.host': '127.0.0.1',
    'quarkus.management.port': String(management),
    'quarkus.otel.sdk.disabled': 'true',
    'quarkus.http.access-log.enabled': 'false',
    'apicurio.ccompat.max-subjects': '100000',
    // By default in the shared temporary folder.
    'java.io.tmpdir': data,
    'apicurio.storage.snapshot.location': data,
    'apicurio.import.work-dir': data,
  }
  // NON_KEYWORDS: its tables have a column of the name `value`. WRITE_DELAY: H2 writes a commit up to half a second later
  // by default (its manual, SET WRITE_DELAY), and SIGKILL would lose it.
  if (storage === 'file') all['apicurio.datasource.url'] = `jdbc:h2:file:${path.join(data, 'h2')};NON_KEYWORDS=VALUE;WRITE_DELAY=0`
  return Object.entries(all).map(([name, value]) => `-D${name}=${value}`)
}
