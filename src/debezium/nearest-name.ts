import leven from 'leven'

/** The known name that was probably meant: at most a third of its letters differ. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const known of names) {
    const distance = leven(name.toLowerCase(), known.toLowerCase(), { maxDistance: least })
    if (distance >= least) continue
    nearest = known
    least = distance
  }
  return nearest
}
