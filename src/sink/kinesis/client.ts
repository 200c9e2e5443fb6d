import { createRequire } from 'node:module'
import type * as KinesisSdk from '@aws-sdk/client-kinesis'
import type { KinesisClient, KinesisClientConfig } from '@aws-sdk/client-kinesis'
import { TailraceError } from '../../error/tailrace-error.ts'
import { failureOf } from './failure.ts'
import type { KinesisSender, KinesisSinkOptions } from './options.ts'

export type Sdk = typeof KinesisSdk

/** The SDK is an optional peer: it is loaded when the sink opens. Errors: TR_CONFIG_INVALID. */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-kinesis')
  } catch (cause) {
    throw new TailraceError('TR_CONFIG_INVALID', { message: 'The package @aws-sdk/client-kinesis is not installed', remedy: 'npm install @aws-sdk/client-kinesis', cause })
  }
}

/** The caller's client, or one made of the options. Errors: TR_CONFIG_INVALID without a region, TR_KINESIS_AUTH without credentials. */
export async function openClient(options: KinesisSinkOptions, sdk: Sdk): Promise<{ readonly sender: KinesisSender; readonly close: () => void }> {
  if (options.client !== undefined) return { sender: options.client, close: () => {} }
  const client = new sdk.KinesisClient(clientConfig(options))
  try {
    await expectUsable(client)
  } catch (error) {
    client.destroy()
    throw error
  }
  return { sender: client, close: () => client.destroy() }
}

function clientConfig({ region, endpoint, credentials, clientConfig = {} }: KinesisSinkOptions): KinesisClientConfig {
  return {
    maxAttempts: 1,
    ...clientConfig,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials?.profile === undefined ? {} : { profile: credentials.profile }),
    ...(clientConfig.requestHandler === undefined && endpoint?.startsWith('http:') === true ? { requestHandler: plainHandler() } : {}),
  }
}

/**
 * Kinesis' client speaks HTTP/2 unless told otherwise, and what answers on plain HTTP is an emulator or proxy that mostly does not. The
 * handler is a package that the SDK itself depends on, so it is looked for from there.
 */
export function plainHandler(): NonNullable<KinesisClientConfig['requestHandler']> {
  const sdk = createRequire(import.meta.url).resolve('@aws-sdk/client-kinesis')
  const { NodeHttpHandler } = createRequire(sdk)('@smithy/node-http-handler') as { NodeHttpHandler: new () => NonNullable<KinesisClientConfig['requestHandler']> }
  return new NodeHttpHandler()
}

/** Both are functions that may read files or ask a server: what they lack is said before the first record. */
async function expectUsable(client: KinesisClient): Promise<void> {
  try {
    await client.config.region()
  } catch (cause) {
    throw new TailraceError('TR_CONFIG_INVALID', { message: 'No AWS region is known', remedy: 'Give the option region, or set AWS_REGION', cause })
  }
  try {
    await client.config.credentials()
  } catch (cause) {
    throw failureOf(cause, 'asking for credentials', undefined).error
  }
}
