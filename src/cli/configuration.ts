import { pathToFileURL } from 'node:url'
import { planOf, type Plan } from '../debezium/plan.ts'
import { readProperties } from '../debezium/properties-file.ts'
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

/** What must not be shown of a plan. */
export function redactionOf({ postgres: { connection }, sink, offsets }: Plan): Redact {
  const ofKafka = [sink, offsets].flatMap((part) => (part.kind === 'kafka' ? kafkaSecrets(part.options) : []))
  if (typeof connection === 'string') return redaction(ofKafka, [])
  const { password, sslpassword, user, database, host } = connection
  return redaction([typeof password === 'string' ? password : undefined, sslpassword, ...ofKafka], [user, database, host])
}

function kafkaSecrets({ sasl, tls }: KafkaConnection): (string | undefined)[] {
  const password = sasl !== undefined && 'password' in sasl ? sasl.password : undefined
  const key = typeof tls === 'object' ? tls : {}
  return [password, key.passphrase, typeof key.key === 'string' ? key.key : undefined]
}
