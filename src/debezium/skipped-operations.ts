import type { Settings } from './settings.ts'

type SkippedOperation = 'c' | 'u' | 'd' | 't' | 'r'

/** `skipped.operations`; `none` is a word of its own. */
export function skippedOperations(settings: Settings): SkippedOperation[] {
  const words = settings.list('skipped.operations')
  return words.includes('none') ? [] : (words as SkippedOperation[])
}
