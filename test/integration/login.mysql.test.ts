import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MysqlConnection } from '../../src/source/mysql/options.ts'
import { everyMysql } from '../server/every-mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startTcpProxy } from '../server/tcp-proxy.ts'
import { sideBySide } from '../server/side-by-side.ts'
import { loggedIn, loginOf } from './mysql-connection.ts'

/** Every way of authentication that a server has and that can be logged in with: how an account of it is made. */
type Plugins = Readonly<Record<string, (password: string) => string>>
const MARIADB: Plugins = {
  mysql_native_password: (password) => `identified via mysql_native_password using password('${password}')`,
  ed25519: (password) => `identified via ed25519 using password('${password}')`,
}
const PLUGINS: Readonly<Record<string, Plugins>> = {
  MySQL: {
    caching_sha2_password: (password) => `identified with caching_sha2_password by '${password}'`,
    sha256_password: (password) => `identified with sha256_password by '${password}'`,
  },
  'MariaDB 10.11': MARIADB,
  'MariaDB 11.8': MARIADB,
}

const PASSWORDS = ['secret', 'sécret wörd ☃', "quo'te", 'x'.repeat(80), '']

for (const { name, kind, suite, start } of await everyMysql()) {
  sideBySide(suite, `login at ${name}`, () => {
    let server: MysqlServer
    beforeAll(async () => {
      server = await start({ tls: true, settings: { 'max-connections': '20' } })
      if (kind === 'mariadb') await server.query("install soname 'auth_ed25519'")
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
    })

    for (const [plugin, identified] of Object.entries(PLUGINS[name]!)) {
      it(`${plugin}: the right password gets in and a wrong one does not, with TLS and without`, async () => {
        for (const [index, password] of PASSWORDS.entries()) {
          // MariaDB keeps nothing of an empty one then, and lets nobody in, its own client neither
          if (password === '' && plugin === 'ed25519') continue
          const user = `${plugin.slice(0, 8)}_${index}`
          await server.query(`create user '${user}'@'%' ${identified(password.replaceAll("'", "''"))}`)
          // a password that the server has not seen since its start is asked for in full, one that it has is not: each has its own exchange
          for (const sslMode of ['disabled', 'disabled', 'required', 'required'] as const) expect(await loginOf(server, { user, password, sslMode }), `${password} ${sslMode}`).toBe(`${user}@%`)
          if (kind === 'mysql') await server.query('flush privileges')
          for (const sslMode of ['required', 'disabled'] as const) {
            expect(await loginOf(server, { user, password, sslMode })).toBe(`${user}@%`)
            expect(await loginOf(server, { user, password: `${password}x`, sslMode })).toBe('TR_MYSQL_AUTH')
          }
          if (password !== '') expect(await loginOf(server, { user })).toBe('TR_MYSQL_AUTH')
        }
      })
    }

    it('an account that is not there, is locked, or must change its password first', async () => {
      await server.script("create user locked@'%' identified by 'p' account lock; create user expired@'%' identified by 'p' password expire")
      expect(await loginOf(server, { user: 'nobody', password: 'p' })).toBe('TR_MYSQL_AUTH')
      expect(await loginOf(server, { user: 'locked', password: 'p' })).toBe('TR_MYSQL_AUTH')
      expect(await loginOf(server, { user: 'expired', password: 'p' })).toBe('TR_MYSQL_AUTH')
    })

    it('a password that is a function is asked for at each login', async () => {
      await server.query("create user rotated@'%' identified by 'first'")
      let password = 'first'
      const parts: MysqlConnection = { user: 'rotated', password: async () => await Promise.resolve(password) }
      expect(await loginOf(server, parts)).toBe('rotated@%')
      await server.query("alter user rotated@'%' identified by 'second'")
      expect(await loginOf(server, parts)).toBe('TR_MYSQL_AUTH')
      password = 'second'
      expect(await loginOf(server, parts)).toBe('rotated@%')
    })

    it('neither an error nor its cause tells the password', async () => {
      const login = loggedIn(server, { user: 'nobody', password: 'sesame' })
      await expect(login).rejects.toSatisfy((error: Error) => !JSON.stringify([error, error.message, error.stack, String(error.cause)]).includes('sesame'))
    })

    it('TLS is used where it is there, unless it is disabled', async () => {
      for (const [sslMode, used] of [['preferred', true], ['required', true], ['disabled', false]] as const) {
        await using client = await loggedIn(server, { sslMode })
        const [row] = await client.query("SHOW STATUS LIKE 'Ssl_cipher'")
        expect(row?.['Value'] !== '', sslMode).toBe(used)
      }
    })

    it('the chain and the name of the certificate are checked as asked', async () => {
      const { ca, strangerCa } = server.certificates!
      for (const host of ['localhost', '127.0.0.1']) {
        const at = { host, port: server.port }
        for (const sslMode of ['verify_ca', 'verify_identity'] as const) {
          expect(await loginOf(at, { sslMode, sslCa: ca }), `${host} ${sslMode}`).toBe('root@%')
          expect(await loginOf(at, { sslMode, sslCa: readFileSync(ca, 'utf8') })).toBe('root@%')
          expect(await loginOf(at, { sslMode, sslCa: strangerCa })).toBe('TR_MYSQL_TLS')
          // not one of those that Node knows
          expect(await loginOf(at, { sslMode })).toBe('TR_MYSQL_TLS')
        }
      }
      expect(await loginOf(server, { sslMode: 'required', sslCa: `${ca}.gone` })).toBe('TR_MYSQL_TLS')
    })

    it('a client certificate is shown to a server that asks for one', async () => {
      const { client } = server.certificates!
      await server.query("create user shown@'%' identified by 'p' require x509")
      const parts: MysqlConnection = { user: 'shown', password: 'p', sslMode: 'required' }
      expect(await loginOf(server, parts)).toBe('TR_MYSQL_AUTH')
      expect(await loginOf(server, { ...parts, sslCert: client.cert, sslKey: client.key })).toBe('shown@%')
    })

    it('a server that insists on TLS', async () => {
      await server.query('set global require_secure_transport = on')
      try {
        // an older MariaDB says no more than that access is denied
        expect(await loginOf(server, { sslMode: 'disabled' })).toBe(name === 'MariaDB 10.11' ? 'TR_MYSQL_AUTH' : 'TR_MYSQL_TLS')
        expect(await loginOf(server, { sslMode: 'preferred' })).toBe('root@%')
      } finally {
        await using client = await loggedIn(server, { sslMode: 'required' })
        await client.query('set global require_secure_transport = off')
      }
    })

    it('a server that has no connection left', async () => {
      await server.query("create user many@'%' identified by 'p'")
      const clients: AsyncDisposable[] = []
      let refused = ''
      for (let count = 0; count < 25 && refused === ''; count++) {
        await loggedIn(server, { user: 'many', password: 'p' }).then((client) => clients.push(client), (error: { code: string }) => (refused = error.code))
      }
      await Promise.all(clients.map(async (client) => await client[Symbol.asyncDispose]()))
      expect(refused).toBe('TR_MYSQL_LIMIT')
    })

    it('nobody there, nobody who answers, and a network that is cut at any point of the login', async () => {
      await using proxy = await startTcpProxy(server.port)
      proxy.refuse(true)
      expect(await loginOf(proxy, {})).toBe('TR_MYSQL_CONNECT')
      proxy.refuse(false)
      for (const sslMode of ['disabled', 'required'] as const) {
        const before = proxy.counters.toClient
        expect(await loginOf(proxy, { sslMode })).toBe('root@%')
        const length = proxy.counters.toClient - before
        for (let at = 1; at < length - 40; at += sslMode === 'required' ? 97 : 11) {
          const login = loginOf(proxy, { sslMode })
          while (proxy.connections.length === 0) await new Promise((resolve) => setImmediate(resolve))
          proxy.cutAfter(at)
          expect(await login, `cut after ${at} bytes, ${sslMode}`).toMatch(/^TR_MYSQL_(CONNECT|DISCONNECTED)$/)
          await Promise.all(proxy.connections.map(({ closed }) => closed))
        }
      }
      proxy.blackhole(true)
      expect(await loginOf(proxy, { connectTimeoutMs: 200 })).toBe('TR_MYSQL_CONNECT')
    })

    it('an aborted login ends at once', async () => {
      await using proxy = await startTcpProxy(server.port)
      proxy.blackhole(true)
      const controller = new AbortController()
      const login = loggedIn(proxy, { connectTimeoutMs: 60_000 }, undefined, controller.signal)
      while (proxy.connections.length === 0) await new Promise((resolve) => setImmediate(resolve))
      controller.abort()
      await expect(login).rejects.toMatchObject({ code: 'TR_MYSQL_CONNECT' })
    })

    it('the socket may be somebody else’s', async () => {
      const asked: [number, string][] = []
      const parts: MysqlConnection = { host: 'db.elsewhere.test', port: 1, sslMode: 'required' }
      await using client = await loggedIn(server, parts, (port, host) => {
        asked.push([port, host])
        return connectTcp(server.port, server.host)
      })
      expect(await client.query('SELECT 1 AS one')).toEqual([{ one: '1' }])
      expect(asked).toEqual([[1, 'db.elsewhere.test']])
    })

    it('the session keeps the server’s sql_mode and speaks utf8mb4, whatever the server sets for its clients', async () => {
      await using other = await start({ settings: { 'sql-mode': 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', 'character-set-server': 'latin1', 'init-connect': 'set names latin1', ...(kind === 'mariadb' ? { 'skip-character-set-client-handshake': true } : {}) } })
      await other.query("create user plain@'%' identified by 'p'")
      await using client = await loggedIn(other, { user: 'plain', password: 'p' })
      expect(await client.query('SELECT @@sql_mode AS m, @@character_set_results AS r, @@character_set_client AS c')).toEqual([{ m: 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', r: 'utf8mb4', c: 'utf8mb4' }])
      for (const value of ["it's", 'back\\slash', 'a\\', "'; drop", '☃ 𝄞']) expect(await client.query('SELECT ? AS v', [value])).toEqual([{ v: value }])
    })
  })

  sideBySide(suite, `certificates of ${name} that are not its own`, () => {
    it('one for another host is refused where the name counts, and one for a name only is not one for an address', async () => {
      await using other = await start({ tls: 'other-host' })
      const otherCa = other.certificates!.ca
      await using named = await start({ tls: 'name-only' })
      const namedCa = named.certificates!.ca
      for (const host of ['localhost', '127.0.0.1']) {
        expect(await loginOf({ host, port: other.port }, { sslMode: 'verify_ca', sslCa: otherCa })).toBe('root@%')
        expect(await loginOf({ host, port: other.port }, { sslMode: 'verify_identity', sslCa: otherCa })).toBe('TR_MYSQL_TLS')
      }
      expect(await loginOf({ host: 'localhost', port: named.port }, { sslMode: 'verify_identity', sslCa: namedCa })).toBe('root@%')
      expect(await loginOf({ host: '127.0.0.1', port: named.port }, { sslMode: 'verify_identity', sslCa: namedCa })).toBe('TR_MYSQL_TLS')
    })

    it('a server without TLS: preferred goes on without, required does not', async () => {
      await using plain = await start({ settings: name === 'MariaDB 10.11' ? {} : name === 'MySQL' ? { 'tls-version': '' } : { 'skip-ssl': true } })
      expect(await loginOf(plain, { sslMode: 'preferred' })).toBe('root@%')
      for (const sslMode of ['required', 'verify_ca', 'verify_identity'] as const) expect(await loginOf(plain, { sslMode })).toBe('TR_MYSQL_TLS')
    })
  })
}
