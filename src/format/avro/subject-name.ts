import type { SubjectNameStrategy } from './options.ts'

/** Confluent's TopicNameStrategy, RecordNameStrategy, TopicRecordNameStrategy. */
export function subjectName(strategy: SubjectNameStrategy, topic: string, part: 'key' | 'value', schemaName: string): string {
  if (strategy === 'topic') return `${topic}-${part}`
  return strategy === 'record' ? schemaName : `${topic}-${schemaName}`
}
