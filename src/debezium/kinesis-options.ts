import { KINESIS } from './property/kinesis.ts'
import { defined, type Settings } from './settings.ts'

/** What Debezium Server's Kinesis sink is told, under the names of our sink's options. No type of the AWS SDK, which need not be installed. */
export interface KinesisPlan {
  readonly region?: string
  readonly endpoint?: string
  readonly credentials?: { readonly profile: string }
  readonly batchSize: number
  readonly nullKey: string
}

export function kinesisPlan(settings: Settings): KinesisPlan {
  const profile = settings.given(`${KINESIS}credentials.profile`)
  return {
    ...defined({ region: settings.given(`${KINESIS}region`), endpoint: settings.given(`${KINESIS}endpoint`), credentials: profile === undefined ? undefined : { profile } }),
    batchSize: settings.integer(`${KINESIS}batch.size`),
    nullKey: settings.text(`${KINESIS}null.key`),
  }
}
