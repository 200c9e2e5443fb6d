import type { CreateStreamCommandInput, DescribeStreamSummaryCommandOutput, ListShardsCommandOutput, PutRecordsCommandOutput, PutRecordsRequestEntry } from '@aws-sdk/client-kinesis'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { Clock } from '../../time/clock.ts'
import type { Sdk } from './client.ts'
import type { KinesisSender } from './options.ts'
import type { OpenShard } from './shard-map.ts'
import { addressOf } from './stream-name.ts'

/** The calls to Kinesis, each with a limit of time. They reject with the SDK's errors, or TR_KINESIS_CONNECT where the time is over. */
export class Calls {
  readonly #sdk: Sdk
  readonly #sender: KinesisSender
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #underWay = new Set<(error: TailraceError) => void>()

  constructor(sdk: Sdk, sender: KinesisSender, clock: Clock, timeoutMs: number) {
    this.#sdk = sdk
    this.#sender = sender
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  putRecords(stream: string, records: PutRecordsRequestEntry[]): Promise<PutRecordsCommandOutput> {
    return this.#send(new this.#sdk.PutRecordsCommand({ ...addressOf(stream), Records: records }))
  }

  /** `ACTIVE`, `CREATING`, `UPDATING`, `DELETING`. */
  async status(stream: string): Promise<string | undefined> {
    const { StreamDescriptionSummary } = await this.#send<DescribeStreamSummaryCommandOutput>(new this.#sdk.DescribeStreamSummaryCommand(addressOf(stream)))
    return StreamDescriptionSummary?.StreamStatus
  }

  async create(stream: string, what: { readonly shards: number } | { readonly onDemand: true }): Promise<void> {
    const input: CreateStreamCommandInput = { StreamName: stream, ...('shards' in what ? { ShardCount: what.shards } : { StreamModeDetails: { StreamMode: 'ON_DEMAND' } }) }
    await this.#send(new this.#sdk.CreateStreamCommand(input))
  }

  /** The shards that take records; closed ones are listed as well, with their last sequence number. */
  async openShards(stream: string): Promise<OpenShard[]> {
    const open: OpenShard[] = []
    let from: { readonly NextToken: string } | undefined
    do {
      const { Shards, NextToken } = await this.#send<ListShardsCommandOutput>(new this.#sdk.ListShardsCommand(from ?? addressOf(stream)))
      for (const { ShardId, HashKeyRange, SequenceNumberRange } of Shards ?? []) {
        if (ShardId !== undefined && HashKeyRange?.StartingHashKey !== undefined && SequenceNumberRange?.EndingSequenceNumber == null) open.push({ id: ShardId, startingHashKey: HashKeyRange.StartingHashKey })
      }
      from = NextToken == null ? undefined : { NextToken }
    } while (from !== undefined)
    return open
  }

  /** Rejects what is under way. */
  close(): void {
    for (const end of [...this.#underWay]) end(new TailraceError('TR_SINK_CLOSED', { message: 'The sink was closed while a request was under way' }))
  }

  /** Whatever the client does with its signal, this settles in time. An answer that comes later is not heard. */
  #send<Output>(command: object): Promise<Output> {
    return new Promise((resolve, reject) => {
      const abort = new AbortController()
      const settled = (): void => {
        cancel()
        this.#underWay.delete(end)
      }
      const end = (error: TailraceError): void => {
        settled()
        reject(error)
        abort.abort(error)
      }
      const cancel = this.#clock.after(this.#timeoutMs, () => end(new TailraceError('TR_KINESIS_CONNECT', { message: `No answer within ${this.#timeoutMs} ms`, where: { timeoutMs: this.#timeoutMs } })))
      this.#underWay.add(end)
      const sent = async (): Promise<unknown> => this.#sender.send(command, { abortSignal: abort.signal })
      sent().finally(settled).then(resolve as (output: unknown) => void, reject)
    })
  }
}
