import type { PeerCertificate } from 'node:tls'
import type { HandlingModes } from '../../event/handling-mode.ts'
import type { NameAdjustment } from '../name-adjustment.ts'

/**
 * What a schema is registered under, Confluent's strategies (`key.subject.name.strategy`, `value.subject.name.strategy`): `topic` is
 * `<topic>-key` and `<topic>-value`, `record` the schema's full name, `topic-record` `<topic>-<full name>`.
 */
export type SubjectNameStrategy = 'topic' | 'record' | 'topic-record'

/** Options of {@link debeziumAvro}. Defaults are Debezium's, and those of Confluent's AvroConverter. */
export interface DebeziumAvroOptions {
  /** `topic.prefix`: begins every destination, and is `source.name`. */
  readonly logicalName: string
  /** Where schemas are registered. */
  readonly registry: RegistryOptions
  /** What schemas are registered under, for keys and values: `topic` (default), `record` or `topic-record`. */
  readonly subjectNameStrategy?: SubjectNameStrategy | { readonly key?: SubjectNameStrategy; readonly value?: SubjectNameStrategy }
  /** `auto.register.schemas`, default true. False: schemas are looked up, and one that is missing is TR_AVRO_SCHEMA_MISSING. */
  readonly autoRegister?: boolean
  /** `topic.delimiter`, default `.`. */
  readonly topicDelimiter?: string
  /** `topic.transaction`, default `transaction`: the destination of transactions' beginnings and ends, behind prefix and delimiter. */
  readonly transactionTopic?: string
  /** `tombstones.on.delete`, default true: after every delete a record with its key and no value. */
  readonly tombstones?: boolean
  /** Where Debezium leaves a choice of representation; what is left out is {@link DEFAULT_HANDLING_MODES}'. */
  readonly modes?: Partial<HandlingModes>
  /** `ignore.default.for.nullables`, default false: the column's default is written in the place of NULL. True: NULL stays null. */
  readonly ignoreDefaultForNullables?: boolean
  /** `connect.meta.data`, default true: schemas carry `connect.name`, `connect.version` and what else Kafka Connect has to know. */
  readonly connectMetaData?: boolean
  /** `extended.headers.enabled`, default true: the `__debezium.context.*` headers. Headers are JSON, as Debezium writes them with any converter. */
  readonly contextHeaders?: boolean
  /** `json`: keys are JSON as `debeziumJson` writes them, and only values are Avro. Default avro. */
  readonly keys?: 'avro' | 'json'
  /** `schemas.enable` of the key converter where keys are JSON, default true. */
  readonly keySchemas?: boolean
  /** `schemas.enable` of the header converter, default true. */
  readonly headerSchemas?: boolean
  /** `schema.name.adjustment.mode`, default avro: what Debezium's engine takes with Avro. */
  readonly schemaNameAdjustment?: NameAdjustment
  /** `field.name.adjustment.mode`, default none: a column whose name Avro does not allow is TR_AVRO_NAME. */
  readonly fieldNameAdjustment?: NameAdjustment
  /** `source.version`, default this package's version. */
  readonly version?: string
  /** Header `__debezium.context.runId`, default a new UUID of version 7. */
  readonly runId?: string
}

/** A registry with Confluent's API: Confluent Schema Registry, Karapace, Apicurio Registry (`…/apis/ccompat/v7`), Redpanda. */
export interface RegistryOptions {
  /** `schema.registry.url`: one address or several of the same registry, tried in turn. User and password may stand in it. */
  readonly urls: string | readonly string[]
  /** `{ username, password }`, or `{ bearer }`: a token, or a function that is asked for it before every request. Default what stands in the URL, else none. */
  readonly auth?: RegistryAuth
  /** For `https:` addresses. Default: the certificates that Node trusts (`NODE_EXTRA_CA_CERTS` adds to them). */
  readonly tls?: RegistryTls
  /** Further headers of every request, for example `{ 'X-Registry-GroupId': 'shop' }`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds that one request may take. Default 10000. */
  readonly timeoutMs?: number
  /** How often a request is sent again after a transport error, 429 or 5xx, at every address, before the engine hears of it. Default 3. */
  readonly maxRetries?: number
  /** Milliseconds before the first retry; doubles each time, half of it by chance. Default 500. */
  readonly retryDelayMs?: number
  /** Longest wait between retries in milliseconds, also if the registry asks for more (`Retry-After`). Default 10000. */
  readonly maxRetryDelayMs?: number
}

export type RegistryAuth =
  | { readonly username: string; readonly password: string }
  | { readonly bearer: string | (() => string | Promise<string>) }

/** What `node:tls` takes under these names: PEM texts. */
export interface RegistryTls {
  /** Certificates of the authorities to trust, in the place of Node's own. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[]
  /** Client certificate. */
  readonly cert?: string | Buffer
  /** Its private key. */
  readonly key?: string | Buffer
  /** Of an encrypted key. */
  readonly passphrase?: string
  /** Name to expect in the server's certificate, if it is not the address'. */
  readonly servername?: string
  /** What `tls.connect` takes: compares the name with the certificate. Default Node's own; a function that returns undefined takes every name. */
  readonly checkServerIdentity?: (hostname: string, certificate: PeerCertificate) => Error | undefined
}
