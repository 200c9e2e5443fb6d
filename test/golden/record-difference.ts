import type { RecordDifference } from './difference-rule.ts'

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** Runs whose records are others, with what is added and dropped; why is said in docs/differences.md. */
export const RECORD_DIFFERENCES: readonly RecordDifference[] = [
  { reason: 'goes-on', scenario: 'mysql/checksum-switch', run: 1, added: [...span(1, 6)], dropped: [] },
  { reason: 'goes-on', scenario: 'mysql/ddl-ansi-quotes', run: 1, added: [...span(8, 10)], dropped: [] },
  { reason: 'goes-on', scenario: 'mysql/ddl-version-comment-legacy', run: 1, added: [7, 8], dropped: [] },
  { reason: 'goes-on', scenario: 'mysql/ddl-store-only', run: 1, added: [...span(18, 50)], dropped: [] },
  { reason: 'row-images', scenario: 'mysql/image-minimal', run: 1, added: [...span(5, 38)], dropped: [] },
  { reason: 'row-images', scenario: 'mysql/image-minimal-skip', run: 1, added: [...span(5, 38)], dropped: [] },
  { reason: 'row-images', scenario: 'mysql/image-minimal-warn', run: 1, added: [...span(5, 38)], dropped: [] },
  { reason: 'row-images', scenario: 'mysql/image-noblob', run: 1, added: [...span(5, 38)], dropped: [] },
  { reason: 'partial-json', scenario: 'mysql/partial-json', run: 1, added: [...span(4, 13)], dropped: [] },
  { reason: 'xa-at-commit', scenario: 'mysql/tx-xa', run: 1, added: [4, 5, 10], dropped: [...span(4, 6), 8] },
  { reason: 'order-of-definitions', scenario: 'mysql/snapshot-lock-none', run: 1, added: [15], dropped: [14] },
  { reason: 'goes-on', scenario: 'mariadb/checksum-switch', run: 1, added: [...span(1, 6)], dropped: [] },
  { reason: 'goes-on', scenario: 'mariadb/ddl-create-or-replace', run: 1, added: [...span(10, 16)], dropped: [10] },
  { reason: 'goes-on', scenario: 'mariadb/ddl-sequence', run: 1, added: [1, 6, ...span(10, 12)], dropped: [] },
  { reason: 'goes-on', scenario: 'mariadb/ddl-system-versioned', run: 1, added: [6, ...span(8, 24)], dropped: [6, 8, 9] },
  { reason: 'goes-on', scenario: 'mariadb/ddl-version-comment', run: 1, added: [7, 8], dropped: [7] },
  { reason: 'goes-on', scenario: 'mariadb/types-inet4', run: 1, added: [0, 1], dropped: [] },
  { reason: 'goes-on', scenario: 'mariadb/types-inet6', run: 1, added: [0, 1], dropped: [] },
  { reason: 'goes-on', scenario: 'mariadb/types-year-zero', run: 1, added: [...span(0, 2)], dropped: [] },
  { reason: 'goes-on', scenario: 'mariadb/11.8/types-inet6', run: 1, added: [0, 1], dropped: [] },
  { reason: 'compressed', scenario: 'mariadb/compression', run: 1, added: [2, 3, ...span(7, 11), 13, 14], dropped: [2, 6, 7, 9] },
  { reason: 'compressed', scenario: 'mariadb/types-compressed', run: 1, added: [...span(1, 3)], dropped: [] },
  { reason: 'row-images', scenario: 'mariadb/image-minimal', run: 1, added: [...span(5, 38)], dropped: [] },
  { reason: 'row-images', scenario: 'mariadb/image-noblob', run: 1, added: [...span(5, 38)], dropped: [] },
  { reason: 'xa-at-commit', scenario: 'mariadb/tx-xa', run: 1, added: [4, 5, 12], dropped: [...span(4, 10), 14, 15, 19] },
  { reason: 'order-of-definitions', scenario: 'mariadb/snapshot-lock-none', run: 1, added: [15], dropped: [14] },
  { reason: 'purged-when-needed', scenario: 'mariadb/snapshot-when-needed', run: 2, added: [...span(0, 29)], dropped: [] },
  { reason: 'begin-once', scenario: 'mariadb/restart-midtx', run: 2, added: [...span(0, 5)], dropped: [...span(0, 5)] },
  { reason: 'begin-once', scenario: 'mariadb/restart-midtx', run: 3, added: [0, 1], dropped: [...span(0, 2)] },
]
