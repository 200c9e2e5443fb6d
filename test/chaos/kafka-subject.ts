import type { StoredRecord } from '../peer/kafka-client/kafka-client.ts'
import type { KillPoint } from './engine-order.ts'
import type { EngineProcess, KillAt } from './engine-process.ts'
import type { TopicLine, TrueChange } from './kafka-verdict.ts'

/** What every child that writes to Kafka is told. */
export interface KafkaOrder {
  /** Of the engine. */
  readonly name: string
  readonly brokers: readonly string[]
  /** One, with one partition: its order is the order of everything. */
  readonly topic: string
  readonly offsetsTopic: string
  readonly log: string
  readonly maxBatchEvents: number
  readonly offsetIntervalMs: number
  readonly maxBufferedBytes?: number
  /** With an initial snapshot. Default false. */
  readonly snapshot?: boolean
}

/** What happens between two moments of a run. */
export type Fault = 'kill' | 'failpoint' | 'zombie' | 'overlap' | 'broker' | 'cut' | Disturbance
/** Faults of what only a subject knows: the database and its connections, and the schema registry. */
export type Disturbance = 'server' | 'source-cut' | 'registry'

export type KafkaProcess = EngineProcess<KafkaOrder>

/** What a topic has to have behind the rows of snapshots, what it has there, and what is wrong with the rows. */
export interface StreamedTruth {
  readonly truth: readonly TrueChange[]
  readonly lines: readonly TopicLine[]
  readonly wrong: readonly string[]
}

/** A database that is written to, and the engine that brings its changes to Kafka. */
export interface KafkaSubject extends AsyncDisposable {
  /** Of engine and topic. */
  readonly name: string
  /** Dealt like cards. */
  readonly faults: readonly Fault[]
  readonly points: readonly KillPoint[]
  /** What an instance may end with once another one has gone on. */
  readonly superseded: ReadonlySet<string>
  /** Transactions so far. */
  readonly committed: number
  /** What else is to be told, a line each. */
  readonly notes: readonly string[]
  start(order: KafkaOrder, killAt?: KillAt): KafkaProcess
  /** Whether it has come to a place behind which nothing is missed, however it ends. */
  begun(engine: KafkaProcess): boolean
  /** The first engine streams: changes flow from here on. */
  resume(): Promise<void>
  /** Nobody writes any more. */
  pause(): Promise<void>
  /** The last change of all. */
  end(): Promise<void>
  isEnd(line: TopicLine): boolean
  /** A fault of what it knows; what it was. */
  disturb?(fault: Disturbance): Promise<string>
  /** Changes flow while an initial snapshot is taken; called before the first engine. */
  flow?(): void
  /** With a snapshot, in the place of `truth`: whether the rows are those of the snapshot's place, and what has to come behind it. */
  judge?(lines: readonly TopicLine[]): Promise<StreamedTruth>
  /** What records of the topic say. */
  lines(records: readonly StoredRecord[]): Promise<TopicLine[]>
  /** Every change since `resume`, with what else the topic has to have of it. */
  truth(): Promise<TrueChange[]>
  /** Whether a record says what is true of its change. Default: it has the same text. */
  same?(line: TopicLine, change: TrueChange): boolean
}
