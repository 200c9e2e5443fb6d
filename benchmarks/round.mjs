// The order of the runs, and one run of one peer.

/** The repetition in which output is looked at, and nothing measured. */
export const CHECK = 0

/**
 * Every repetition has all peers, each time beginning with another one: noise of the machine is shared. Repetition 0 is
 * for the peers whose output must be looked at once.
 */
export function plan(readers, repeat) {
  const jobs = readers.filter((peer) => peer.check !== undefined).map((peer, at) => ({ peer, repetition: CHECK, number: at + 1 }))
  for (let repetition = 1; repetition <= repeat; repetition++) {
    for (let at = 0; at < readers.length; at++) {
      jobs.push({ peer: readers[(at + repetition - 1) % readers.length], repetition, number: jobs.length + 1 })
    }
  }
  return jobs
}

/** One run of one peer, or its check; a failure is a result too. */
export async function run(peer, job, about) {
  process.stdout.write(`  ${about.repetition}  ${peer.name.padEnd(32)} `)
  try {
    if (about.repetition === CHECK) {
      console.log((await peer.check(job)) ?? 'writes every row')
      return undefined
    }
    const reading = await peer.read(job)
    const rate = Math.round(reading.rows / reading.seconds).toLocaleString('en')
    console.log(`${rate.padStart(10)} rows/s  ${reading.cpuSeconds.toFixed(2)} CPU s  ${Math.round(reading.peakRssKiB / 1024)} MiB`)
    return { ...about, ...reading }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    console.log(`FAILED: ${message}`)
    return { ...about, failed: message }
  }
}

/** The peers that can be had here; the others are named, with the reason. */
export async function choosePeers(only, workloads, all) {
  const peers = []
  const skipped = []
  /** @type {Record<string, string>} */
  const versions = {}
  for (const peer of all) {
    if (!peer.workloads.some((workload) => workloads.includes(workload))) continue
    if (only.length > 0 && !only.some((part) => peer.name.toLowerCase().includes(part.toLowerCase()))) continue
    const reason = await peer.missing()
    if (reason === undefined) {
      peers.push(peer)
      versions[peer.name] = await peer.version()
    } else {
      skipped.push({ peer: peer.name, reason })
      console.log(`*** SKIPPED: ${peer.name}: ${reason}`)
    }
  }
  return { peers, versions, skipped }
}
