/** java.util.HashMap's first capacity; it doubles when it is three quarters full. */
const CAPACITY = 16
const LOAD_FACTOR = 0.75

/**
 * The order in which a java.util.HashMap with these keys is walked: by bucket, and inside of one as they came (OpenJDK, HashMap.java). Debezium lists the
 * tables of a transaction in it.
 */
export function inJavaHashOrder<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  let capacity = CAPACITY
  while (items.length > capacity * LOAD_FACTOR) capacity *= 2
  const placed = items.map((item) => ({ item, bucket: bucket(keyOf(item), capacity) }))
  // sort is stable
  return placed.sort((one, other) => one.bucket - other.bucket).map(({ item }) => item)
}

function bucket(key: string, capacity: number): number {
  const hash = hashCode(key)
  return (hash ^ (hash >>> 16)) & (capacity - 1)
}

/** String.hashCode. */
function hashCode(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0
  return hash
}
