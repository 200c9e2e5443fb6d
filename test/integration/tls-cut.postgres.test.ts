import { expect, it } from 'vitest'
import { TailraceError } from '../../src/error/tailrace-error.ts'
import { ResolvedConnection } from '../../src/source/postgres/connection.ts'
import { connect, disconnect } from '../../src/source/postgres/wire/connect.ts'
import { startPostgres } from '../server/postgres.ts'
import { requirePostgres, requireTls } from '../server/require.ts'
import { startTcpProxy } from '../server/tcp-proxy.ts'

const withPostgres = await requirePostgres(17)
const withTls = await requireTls()
withPostgres('a login over TLS', () => {
  withTls('with certificates', () => {
    // as "TLS is not possible as required" it would stop the engine for good
    it('that the network cuts at any point is tried again', async () => {
      await using server = await startPostgres({ major: 17, tls: true })
      await using proxy = await startTcpProxy(server.port)
      const to = new ResolvedConnection({ host: proxy.host, port: proxy.port, user: 'postgres', database: 'postgres', sslmode: 'require' }, undefined)
      const signal = new AbortController().signal
      await disconnect(await connect(to, 'query', signal))
      await Promise.all(proxy.connections.map(({ closed }) => closed))
      const length = proxy.counters.toClient
      for (let at = 1; at < length - 100; at += 61) {
        // nothing may have passed before the cut is set
        proxy.stall(true)
        const login = connect(to, 'query', signal).then(() => undefined, (error: unknown) => error)
        while (proxy.connections.length === 0) await new Promise((resolve) => setImmediate(resolve))
        proxy.cutAfter(at)
        proxy.stall(false)
        const error = await login
        expect(error, `cut after ${at} bytes`).toBeInstanceOf(TailraceError)
        expect((error as TailraceError).kind, `cut after ${at} bytes: ${(error as TailraceError).message}`).toBe('transient')
        await Promise.all(proxy.connections.map(({ closed }) => closed))
      }
    })
  })
})
