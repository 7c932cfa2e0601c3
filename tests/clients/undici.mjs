// SPDX-License-Identifier: MIT
// Drives a demo with undici, the client under Node's fetch: undici.mjs URL [FACTOR]
// Pipelining, keep-alive, streams both ways, aborts. Exits with 1 at the first wrong answer.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

let undici;
try {
  undici = createRequire(import.meta.url)('undici');
} catch {
  console.log('undici is not installed');
  process.exit(77);
}
const url = process.argv[2];
const factor = Number(process.argv[3] ?? 1);
const options = { headersTimeout: 20_000, bodyTimeout: 20_000 };

/** `count` pieces of `size` bytes. */
function pieces(count, size) {
  return Readable.from((function* () {
    for (let i = 0; i < count; i++) yield Buffer.alloc(size, 97 + (i % 26));
  })());
}

async function count(body) {
  let bytes = 0;
  for await (const piece of body) bytes += piece.length;
  return bytes;
}

async function pipelining() {
  const client = new undici.Client(url, { ...options, pipelining: 10 });
  let connects = 0;
  client.on('connect', () => connects++);
  const total = 2000 * factor;
  await Promise.all(Array.from({ length: total }, async (_, i) => {
    const { statusCode, body } = await client.request({ path: `/inspect?n=${i}`, method: 'GET' });
    assert.equal(statusCode, 200);
    assert.equal((await body.json()).query.n, String(i));
  }));
  assert.equal(connects, 1);
  // Quick answers behind slow ones and errors keep their order.
  const paths = ['/later?ms=30', '/plaintext', '/slow?ms=20', '/nowhere', '/stream?chunks=3&size=5', '/json'];
  const answers = await Promise.all(paths.map(async (path) => {
    const { statusCode, body } = await client.request({ path, method: 'GET' });
    return `${statusCode} ${(await body.text()).length}`;
  }));
  assert.deepEqual([answers[1], answers[3].slice(0, 3), answers[4], answers[5]], ['200 13', '404', '200 15', '200 27']);
  assert.equal(connects, 1);
  await client.close();
  console.log(`note: ${total} pipelined`);
}

async function keepAlive() {
  const client = new undici.Client(url, options);
  let connects = 0;
  client.on('connect', () => connects++);
  for (let i = 0; i < 200 * factor; i++) {
    const { statusCode, body } = await client.request({ path: '/echo', method: 'POST', body: `body ${i}` });
    assert.equal(statusCode, 200);
    assert.equal(await body.text(), `body ${i}`);
  }
  assert.equal(connects, 1);
  for (let i = 0; i < 20; i++) {  // undici itself closes after each HEAD
    const { headers, body } = await client.request({ path: '/plaintext', method: 'HEAD' });
    assert.equal(headers['content-length'], '13');
    assert.equal(await count(body), 0);
  }
  await client.close();
}

async function streams() {
  const client = new undici.Client(url, options);
  let got = await client.request({ path: '/upload', method: 'POST', body: pieces(500 * factor, 10_000) });
  assert.deepEqual(await got.body.json(), { bytes: 5_000_000 * factor });
  got = await client.request({
    path: '/upload', method: 'POST', body: pieces(100, 10_000), headers: { 'content-length': '1000000' },
  });
  assert.deepEqual(await got.body.json(), { bytes: 1_000_000 });
  got = await client.request({ path: `/stream?chunks=${500 * factor}&size=10000`, method: 'GET' });
  assert.equal(await count(got.body), 5_000_000 * factor);
  got = await client.request({ path: '/stream?chunks=200&size=50000', method: 'GET' });
  let bytes = 0;
  for await (const piece of got.body) {  // a reader that rests
    if (bytes % 7 === 0) await sleep(2);
    bytes += piece.length;
  }
  assert.equal(bytes, 10_000_000);
  const large = Buffer.alloc(4_000_000, 'xyz');
  got = await client.request({ path: '/echo', method: 'POST', body: large });
  assert.ok(large.equals(Buffer.from(await got.body.arrayBuffer())));
  await client.close();
}

async function aborts() {
  const agent = new undici.Agent({ ...options, connections: 8, pipelining: 4 });
  let aborted = 0;
  await Promise.all(Array.from({ length: 60 * factor }, async (_, i) => {
    const controller = new AbortController();
    const path = ['/slow?ms=300', '/later?ms=300', '/stream?chunks=1000&size=100000'][i % 3];
    const timer = setTimeout(() => controller.abort(), 5 + (i % 40));
    try {
      const { body } = await undici.request(url + path, { dispatcher: agent, signal: controller.signal });
      await count(body);
    } catch (error) {
      // Those that share a connection with an aborted one go down with it.
      assert.match(`${error.name} ${error.code}`, /AbortError|UND_ERR_ABORTED|UND_ERR_SOCKET|ECONNRESET/);
      aborted++;
    }
    clearTimeout(timer);
  }));
  assert.ok(aborted > 0);
  const { body } = await undici.request(`${url}/plaintext`, { dispatcher: agent });
  assert.equal(await body.text(), 'Hello, World!');
  await agent.destroy();
  console.log(`note: ${aborted} aborted`);
}

async function viaFetch() {
  const fetches = Array.from({ length: 100 * factor }, async (_, i) => {
    const answer = await fetch(`${url}/inspect?i=${i}`, { headers: { 'x-i': String(i) } });
    assert.equal(answer.status, 200);
    assert.ok((await answer.json()).headers.some(([name, value]) => name.toLowerCase() === 'x-i' && value === String(i)));
  });
  await Promise.all(fetches);
  const form = new FormData();
  form.set('a', 'b');
  const answer = await fetch(`${url}/inspect`, { method: 'POST', body: form });
  assert.equal((await answer.json()).method, 'POST');
}

for (const part of [pipelining, keepAlive, streams, aborts, viaFetch]) {
  try {
    await part();
  } catch (error) {
    console.error(`undici, ${part.name}:`, error);
    process.exit(1);
  }
}
process.exit(0);
