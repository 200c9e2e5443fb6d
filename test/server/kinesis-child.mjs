// One of Kinesis' emulators, on 127.0.0.1 alone, for as long as whoever started it holds its standard input open.
import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'

const [kind, folder, port] = process.argv.slice(2)
const load = createRequire(path.join(folder, 'package.json'))
process.stdin.on('end', () => process.exit()).resume()

// neither has an option for the address it binds
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  const given = typeof args[0] === 'object' ? args[0] : { port: args[0] }
  return listen.call(this, { ...given, host: '127.0.0.1' }, args.findLast((one) => typeof one === 'function'))
}

if (kind === 'kinesalite') load('kinesalite')({ createStreamMs: 50, deleteStreamMs: 50, updateStreamMs: 50, shardLimit: 100 }).listen(Number(port))
else {
  // it looks for its certificate in the working folder
  process.chdir(path.join(folder, 'node_modules/kinesis-local'))
  const soon = Object.fromEntries(['CREATE_STREAM', 'DELETE_STREAM', 'SPLIT_SHARD', 'MERGE_SHARDS', 'UPDATE_SHARD_COUNT'].map((what) => [`${what}_DURATION`, '50ms']))
  Object.assign(process.env, soon, { KINESIS_MOCK_PLAIN_PORT: port, KINESIS_MOCK_TLS_PORT: process.argv[5], LOG_LEVEL: 'ERROR', SHARD_LIMIT: '100' })
  load('./node_modules/kinesis-local/main.js')
}
