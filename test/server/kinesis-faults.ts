import { once, setMaxListeners } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { StoredStream, sizeOf, type PutEntry, type ShardLimits } from './kinesis-stream.ts'

/** A PutRecords request, as rules see it. `number` counts those of the endpoint from 1. */
export interface PutRequest {
  readonly number: number
  readonly stream: string
  readonly entries: readonly PutEntry[]
}

/** What becomes of a whole request. */
export type RequestFault =
  /** An error is answered, nothing is stored. */
  | { readonly fault: 'refuse'; readonly type: string; readonly status?: number; readonly message?: string }
  /** The connection is cut, nothing is stored. */
  | { readonly fault: 'cut' }
  /** All is stored, but the connection is cut before the answer. */
  | { readonly fault: 'lose' }
  /** The connection is cut, and all is stored later, as by a request that lay in a queue somewhere. */
  | { readonly fault: 'late'; readonly ms: number }
  /** Nothing is answered, the connection stays. */
  | { readonly fault: 'hang' }
  /** All is stored, and the answer is this. */
  | { readonly fault: 'answer'; readonly body: object }

export interface KinesisRules {
  /** Per shard; default none. */
  limits?: ShardLimits | undefined
  latencyMs?: number
  /** Milliseconds that a stream is CREATING. */
  createMs?: number
  maxRecordBytes?: number
  maxRequestBytes?: number
  /** Shards on a page of ListShards. */
  shardsPerPage?: number
  /** Actions that the role may not use. */
  denied?: readonly string[]
  request?: ((request: PutRequest) => RequestFault | undefined) | undefined
  /** An ErrorCode for one record of a request. */
  record?: ((entry: PutEntry, index: number, request: PutRequest) => string | undefined) | undefined
}

/** Kinesis' JSON 1.1 protocol on plain HTTP/1.1, in this process, with faults by rule. */
export async function startKinesisFaults(rules: KinesisRules = {}): Promise<KinesisFaults> {
  const faults = new KinesisFaults(rules)
  await faults.listen()
  return faults
}

interface Answer {
  readonly status: number
  readonly body: object
}

class Refusal extends Error {
  readonly answer: Answer

  constructor(type: string, message: string, status = 400) {
    super(message)
    this.answer = { status, body: { __type: type, message } }
  }
}

const LIMIT_EXCEEDED = 'ProvisionedThroughputExceededException'

export class KinesisFaults implements AsyncDisposable {
  rules: KinesisRules
  readonly streams = new Map<string, StoredStream>()
  /** Every PutRecords request, whatever became of it. */
  readonly requests: PutRequest[] = []
  readonly calls: Record<string, number> = {}
  /** Requests under way now. */
  concurrent = 0
  readonly #server: Server
  readonly #closed = new AbortController()

  constructor(rules: KinesisRules) {
    this.rules = rules
    // one for each request that is delayed
    setMaxListeners(0, this.#closed.signal)
    this.#server = createServer((request, response) => void this.#handle(request, response))
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stream(name: string, shards = 1): StoredStream {
    let stream = this.streams.get(name)
    if (stream === undefined) this.streams.set(name, (stream = new StoredStream(name, shards, 0)))
    return stream
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.concurrent++
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const action = String(request.headers['x-amz-target']).split('.')[1] ?? ''
      this.calls[action] = (this.calls[action] ?? 0) + 1
      if (this.rules.latencyMs !== undefined) await delay(this.rules.latencyMs, undefined, { signal: this.#closed.signal })
      const answer = await this.#answer(action, JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>)
      if (answer === undefined) return void request.socket.destroy()
      if (answer === 'hang') return
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': `request-${this.requests.length}` }).end(JSON.stringify(answer.body))
    } catch (error) {
      if (error instanceof Refusal) response.writeHead(error.answer.status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(error.answer.body))
      else request.socket.destroy()
    } finally {
      this.concurrent--
    }
  }

  async #answer(action: string, input: Record<string, unknown>): Promise<Answer | 'hang' | undefined> {
    if (this.rules.denied?.includes(action) === true) throw new Refusal('AccessDeniedException', `User is not authorized to perform: kinesis:${action}`)
    if (action === 'PutRecords') return await this.#putRecords(input as never)
    const ok = (body: object): Answer => ({ status: 200, body })
    if (action === 'CreateStream') {
      const { StreamName, ShardCount = 4 } = input as { StreamName: string; ShardCount?: number }
      if (this.streams.has(StreamName)) throw new Refusal('ResourceInUseException', `Stream ${StreamName} already exists`)
      this.streams.set(StreamName, new StoredStream(StreamName, ShardCount, performance.now() + (this.rules.createMs ?? 0)))
      return ok({})
    }
    if (action === 'ListShards') return ok(this.#listShards(input))
    if (action !== 'DescribeStreamSummary') throw new Refusal('UnknownOperationException', action)
    const stream = this.#find(input)
    return ok({ StreamDescriptionSummary: { StreamName: stream.name, StreamStatus: performance.now() < stream.activeAt ? 'CREATING' : 'ACTIVE', OpenShardCount: stream.shards.length } })
  }

  #find(input: Record<string, unknown>): StoredStream {
    const name = (input['StreamName'] ?? (input['StreamARN'] as string | undefined)?.split('/')[1]) as string
    const stream = this.streams.get(name)
    if (stream === undefined) throw new Refusal('ResourceNotFoundException', `Stream ${name} under account 000000000000 not found.`)
    return stream
  }

  /** A token names the stream and where to go on, and excludes the stream's name, as Kinesis' do. */
  #listShards(input: Record<string, unknown>): object {
    const token = input['NextToken'] as string | undefined
    if (token !== undefined && input['StreamName'] !== undefined) throw new Refusal('InvalidArgumentException', 'NextToken and StreamName cannot be provided together.')
    const [name, from = '0'] = token?.split(':') ?? []
    const { shards } = this.#find(name === undefined ? input : { StreamName: name })
    const end = Number(from) + (this.rules.shardsPerPage ?? 1_000)
    const page = shards.slice(Number(from), end).map(({ id, start, end: last, closed }) => ({
      ShardId: id, HashKeyRange: { StartingHashKey: String(start), EndingHashKey: String(last) }, SequenceNumberRange: { StartingSequenceNumber: '1', ...(closed ? { EndingSequenceNumber: '2' } : {}) },
    }))
    return { Shards: page, ...(end < shards.length ? { NextToken: `${name ?? String(input['StreamName'])}:${end}` } : {}) }
  }

  async #putRecords(input: { readonly Records: readonly PutEntry[] } & Record<string, unknown>): Promise<Answer | 'hang' | undefined> {
    const stream = this.#find(input)
    if (performance.now() < stream.activeAt) throw new Refusal('ResourceNotFoundException', `Stream ${stream.name} under account 000000000000 not found.`)
    const request: PutRequest = { number: this.requests.length + 1, stream: stream.name, entries: input.Records }
    this.requests.push(request)
    this.#expectValid(request)
    const fault = this.rules.request?.(request)
    const body = (): object => this.#store(stream, request)
    switch (fault?.fault) {
      case 'refuse':
        throw new Refusal(fault.type, fault.message ?? fault.type, fault.status)
      case 'cut':
        return undefined
      case 'lose':
        body()
        return undefined
      case 'late':
        void delay(fault.ms, undefined, { signal: this.#closed.signal }).then(body, () => undefined)
        return undefined
      case 'hang':
        return 'hang'
      case 'answer':
        body()
        return { status: 200, body: fault.body }
      case undefined:
        return { status: 200, body: body() }
    }
  }

  #store(stream: StoredStream, request: PutRequest): object {
    const { limits, record } = this.rules
    const results = request.entries.map((entry, index) => {
      const code = record?.(entry, index, request)
      if (code !== undefined) return { ErrorCode: code, ErrorMessage: code }
      if (limits !== undefined && !stream.allows(entry, limits)) return { ErrorCode: LIMIT_EXCEEDED, ErrorMessage: `Rate exceeded for shard ${stream.shardOf(entry)} in stream ${stream.name} under account 000000000000.` }
      const { shard, sequence } = stream.put(entry)
      return { SequenceNumber: String(sequence), ShardId: shard }
    })
    return { FailedRecordCount: results.filter((result) => 'ErrorCode' in result).length, Records: results }
  }

  /** Kinesis quotes what it refuses. */
  #expectValid({ entries }: PutRequest): void {
    const { maxRecordBytes = 1_048_576, maxRequestBytes = 5_242_880 } = this.rules
    if (entries.length < 1 || entries.length > 500) throw new Refusal('ValidationException', `${entries.length} records`)
    for (const entry of entries) {
      if (entry.PartitionKey.length < 1 || entry.PartitionKey.length > 256) throw new Refusal('ValidationException', `1 validation error detected: Value '${entry.PartitionKey}' at 'partitionKey' failed to satisfy constraint`)
      if (sizeOf(entry) > maxRecordBytes) throw new Refusal('ValidationException', `a record of ${sizeOf(entry)} bytes`)
    }
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > maxRequestBytes) throw new Refusal('InvalidArgumentException', 'Records size exceeds')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
