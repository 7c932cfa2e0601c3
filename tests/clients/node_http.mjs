// SPDX-License-Identifier: MIT
// Drives a demo with Node's own HTTP client and a keep-alive agent: node_http.mjs URL [FACTOR]
// Exits with 1 at the first wrong answer.
import assert from 'node:assert/strict';
import http from 'node:http';

const url = process.argv[2];
const factor = Number(process.argv[3] ?? 1);
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const sockets = new Set();

/** Sends `body`, a Buffer, a list of pieces to be chunked, or nothing. */
function ask(method, path, { body, headers = {}, client = agent } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(url + path, { method, headers, agent: client, timeout: 20_000 }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        assert.ok(response.complete);
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) });
      });
    });
    request.on('socket', (socket) => sockets.add(socket));
    request.on('timeout', () => request.destroy(new Error(`no answer to ${method} ${path} in 20 s`)));
    request.on('error', reject);
    if (Array.isArray(body)) for (const piece of body) request.write(piece);
    else if (body !== undefined) request.write(body);
    request.end();
  });
}

async function keepAlive() {
  const total = 1000 * factor;
  await Promise.all(Array.from({ length: total }, async (_, i) => {
    const answer = await ask('GET', `/inspect?n=${i}`);
    assert.equal(JSON.parse(answer.body).query.n, String(i));
  }));
  assert.ok(sockets.size <= 4, `${sockets.size} connections`);
  console.log(`note: ${total} requests on ${sockets.size} connections`);
}

async function bodies() {
  const large = Buffer.alloc(3_000_000, 'abc');
  assert.ok(large.equals((await ask('POST', '/echo', { body: large, headers: { 'Content-Length': large.length } })).body));
  const pieces = Array.from({ length: 300 }, (_, i) => Buffer.alloc(1000 + i, 'q'));
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  assert.deepEqual(JSON.parse((await ask('POST', '/upload', { body: pieces })).body), { bytes });
  assert.equal((await ask('GET', '/stream?chunks=100&size=30000')).body.length, 3_000_000);
  const head = await ask('HEAD', '/json');
  assert.equal(head.headers['content-length'], '27');
  assert.equal(head.body.length, 0);
  for (const [method, path, status] of [['GET', '/nowhere', 404], ['DELETE', '/json', 405], ['OPTIONS', '/json', 204]])
    assert.equal(Math.floor((await ask(method, path)).status / 10), Math.floor(status / 10), `${method} ${path}`);
}

/** Waits for `100 Continue` before it sends; the server decides. */
function expecting(path, length, body) {
  return new Promise((resolve, reject) => {
    let continued = false;
    const headers = { Expect: '100-continue', 'Content-Length': length };
    const request = http.request(url + path, { method: 'POST', headers, agent: false, timeout: 20_000 }, (response) => {
      response.resume();
      response.on('end', () => { request.destroy(); resolve({ status: response.statusCode, continued }); });
    });
    request.on('continue', () => { continued = true; request.end(body); });
    request.on('timeout', () => request.destroy(new Error(`no word on ${path} in 20 s`)));
    request.on('error', reject);
    request.flushHeaders();
  });
}

async function expect() {
  assert.deepEqual(await expecting('/echo', 5, 'hello'), { status: 200, continued: true });
  assert.deepEqual(await expecting('/upload', 5, 'hello'), { status: 200, continued: true });
  assert.deepEqual(await expecting('/echo', 100_000_000, ''), { status: 413, continued: false });
}

async function leavings() {  // answers that nobody waits for, then one that somebody does
  for (let i = 0; i < 30 * factor; i++)
    await new Promise((resolve) => {
      const request = http.get(`${url}/stream?chunks=1000&size=100000`, { agent: false }, (response) => {
        response.once('data', () => request.destroy());
      });
      request.on('error', () => {});
      request.on('close', resolve);
    });
  assert.equal((await ask('GET', '/plaintext')).body.toString(), 'Hello, World!');
}

for (const part of [keepAlive, bodies, expect, leavings]) {
  try {
    await part();
  } catch (error) {
    console.error(`http, ${part.name}:`, error);
    process.exit(1);
  }
}
agent.destroy();
