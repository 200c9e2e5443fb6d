import { idle, mapped, refusedFamily, type PropertyRule } from './rule.ts'
import { integer, text, URL_LIST } from './value-type.ts'

/** Where Debezium Server's Kinesis sink has its options. */
export const KINESIS = 'debezium.sink.kinesis.'

/** Debezium Server's Kinesis sink. */
export const KINESIS_SINK: readonly PropertyRule[] = [
  mapped(`${KINESIS}region`, text(), 'What the AWS SDK finds (`AWS_REGION`, the profile) when it is not set'),
  mapped(`${KINESIS}endpoint`, URL_LIST, 'In the place of the region’s'),
  mapped(`${KINESIS}credentials.profile`, text(), 'The SDK’s default provider chain when it is not set'),
  mapped(`${KINESIS}batch.size`, integer(1, 500), 'Records in a request', { fallback: '500' }),
  mapped(`${KINESIS}null.key`, text(), 'The partition key of records without a key', { fallback: 'default' }),
  idle(`${KINESIS}default.retries`, integer(0), 'Sent again until it is stored', { fallback: '5' }),
  refusedFamily(KINESIS.slice(0, -1), 'Not an option of Debezium’s'),
]
