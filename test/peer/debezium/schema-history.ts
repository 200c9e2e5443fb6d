/**
 * Debezium's own schema histories, FileSchemaHistory and KafkaSchemaHistory, in a process of their own. Needs Java 17 with its compiler, and Maven.
 *
 *     await using peer = await startSchemaHistoryPeer()
 *     await peer.recover({ file: 'history.dat' }, 'shop')       // the tables, as Debezium's model has them after every record of that server
 *     await peer.record({ kafka: kafka.url, topic: 't' }, lines) // stores records, given as lines of JSON
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { mavenJars, requireJava } from '../../server/maven.ts'
import { compiledJava, JavaPeer } from '../java-peer.ts'
import { DEBEZIUM_VERSION } from './debezium.ts'

const SOURCES = ['../CommandLoop.java', 'SchemaHistoryPeer.java'].map((name) => fileURLToPath(new URL(name, import.meta.url)))

export type HistoryStorage = { readonly file: string } | { readonly kafka: string; readonly topic: string }

/** A table in Debezium's model (io.debezium.relational.Table). */
export interface PeerTable {
  readonly database: string | null
  readonly schema: string | null
  readonly table: string
  readonly charset: string | null
  readonly comment: string | null
  readonly key: readonly string[]
  readonly columns: readonly Readonly<Record<string, unknown>>[]
}

/** Its class path: fetched and compiled on the first call. */
export async function installSchemaHistoryPeer(): Promise<string[]> {
  requireJava(`Debezium ${DEBEZIUM_VERSION}`, 17)
  const jars = await mavenJars(`debezium-history-${DEBEZIUM_VERSION}`, [`io.debezium:debezium-storage-file:${DEBEZIUM_VERSION}`, `io.debezium:debezium-storage-kafka:${DEBEZIUM_VERSION}`, 'org.slf4j:slf4j-nop:1.7.36'])
  return [await compiledJava('debezium-history', [path.join(jars, '*')], SOURCES), path.join(jars, '*')]
}

/** Starts it. Ended by `await using`, or with this process. */
export async function startSchemaHistoryPeer(): Promise<SchemaHistoryPeer> {
  const peer = new JavaPeer('SchemaHistoryPeer', await installSchemaHistoryPeer())
  await peer.ask({ do: 'ready' })
  return new SchemaHistoryPeer(peer)
}

export class SchemaHistoryPeer implements AsyncDisposable {
  readonly #peer: JavaPeer

  constructor(peer: JavaPeer) {
    this.#peer = peer
  }

  async exists(storage: HistoryStorage): Promise<boolean> {
    return (await this.#peer.ask({ do: 'exists', ...storage })) as boolean
  }

  async recover(storage: HistoryStorage, server: string): Promise<PeerTable[]> {
    return (await this.#peer.ask({ do: 'recover', server, ...storage })) as PeerTable[]
  }

  async record(storage: HistoryStorage, lines: readonly string[]): Promise<void> {
    await this.#peer.ask({ do: 'record', records: lines.map((line) => JSON.parse(line) as unknown), ...storage })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]()
  }
}
