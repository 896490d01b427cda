// The suite's service, on a loopback port: node server.mjs PORT
import http from 'node:http'
import handleConfig from 'http-cache-tests/server/handle-config.mjs'
import handleState from 'http-cache-tests/server/handle-state.mjs'
import handleTest from 'http-cache-tests/server/handle-test.mjs'

const handlers = { config: handleConfig, state: handleState, test: handleTest }

http.createServer((request, response) => {
  const [, kind, ...rest] = new URL(request.url, 'http://localhost').pathname.split('/')
  if (kind in handlers) {
    handlers[kind](rest, request, response)
    return
  }
  response.writeHead(404)
  response.end()
}).listen(Number(process.argv[2]), '127.0.0.1')
