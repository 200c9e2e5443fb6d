import { pathToFileURL } from 'node:url'
import { planOf, type Plan } from '../debezium/plan.ts'
import { readProperties } from '../debezium/properties-file.ts'
import { TailraceError } from '../error/tailrace-error.ts'
import type { RegistryOptions } from '../format/avro/options.ts'
import type { KafkaConnection } from '../kafka/options.ts'
import type { ConfigurationSettings } from './command-line.ts'
import { redaction, type Redact } from './redaction.ts'
import type { Surroundings } from './surroundings.ts'

/** A configuration file, with what the command line adds to it. Errors: TR_CONFIG_…. */
export function readConfiguration(file: string, settings: ConfigurationSettings, surroundings: Surroundings): Plan {
  // As a URL it is a path whatever characters it has.
  const properties = readProperties(pathToFileURL(file))
  for (const [name, value] of settings.overrides) {
    // The last one counts, and comes last.
    properties.delete(name)
    properties.set(name, value)
  }
  return planOf(properties, settings.lenient, surroundings.environment)
}

/** Standard output takes lines of text. Errors: TR_CONFIG_UNSUPPORTED for Avro. */
export function expectSink({ format, sink }: Plan): void {
  if (format.kind !== 'avro' || sink.kind !== 'stdout') return
  throw new TailraceError('TR_CONFIG_UNSUPPORTED', {
    message: 'Avro is binary, and standard output takes lines of text', where: { property: 'debezium.sink.type' }, remedy: 'Set debezium.sink.type to kafka or kinesis, or the format to JSON',
  })
}

/** What must not be shown of a plan. */
export function redactionOf({ source, format, sink, offsets }: Plan): Redact {
  const history = source.kind === 'postgresql' ? [] : [source.history]
  const others = [...[sink, offsets, ...history].flatMap((part) => (part.kind === 'kafka' ? kafkaSecrets(part.options) : [])), ...(format.kind === 'avro' ? registrySecrets(format.options.registry) : [])]
  const { connection } = source.options
  if (typeof connection === 'string') return redaction(others, [])
  const { password, user, host } = connection
  const [key, database] = 'database' in connection ? [connection.sslpassword, connection.database] : []
  return redaction([typeof password === 'string' ? password : undefined, key, ...others], [user, database, host])
}

function kafkaSecrets({ sasl, tls }: KafkaConnection): (string | undefined)[] {
  const password = sasl !== undefined && 'password' in sasl ? sasl.password : undefined
  const key = typeof tls === 'object' ? tls : {}
  return [password, key.passphrase, typeof key.key === 'string' ? key.key : undefined]
}

function registrySecrets({ urls, auth, tls, headers = {} }: RegistryOptions): (string | undefined)[] {
  const login = auth === undefined ? [] : 'bearer' in auth ? [auth.bearer] : [auth.password]
  const inAddresses = (typeof urls === 'string' ? urls.split(',') : urls).map((url) => (URL.canParse(url) ? new URL(url).password : undefined))
  return [...login, ...inAddresses, tls?.passphrase, tls?.key, ...Object.values(headers)].map((secret) => (typeof secret === 'string' ? secret : undefined))
}
