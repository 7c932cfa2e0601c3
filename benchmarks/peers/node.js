// SPDX-License-Identifier: MIT
// Node's http, one process: node.js PORT
'use strict';
const http = require('http');

const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
const plaintext = Buffer.from('Hello, World!');
const bytes = { '/bytes/16384': Buffer.alloc(16384, 'x'), '/bytes/1048576': Buffer.alloc(1048576, 'x') };

function answer(response, type, content) {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': content.length });
  response.end(content);
}

const server = http.createServer((request, response) => {
  const { url } = request;
  if (url === '/plaintext') return answer(response, TEXT, plaintext);
  if (url in bytes) return answer(response, BYTES, bytes[url]);
  if (url === '/echo') {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    return request.on('end', () => answer(response, BYTES, Buffer.concat(pieces)));
  }
  if (url === '/sink') {
    let size = 0;
    request.on('data', (piece) => { size += piece.length; });
    return request.on('end', () => answer(response, TEXT, String(size)));
  }
  response.writeHead(404, { 'Content-Length': 0 });
  response.end();
});
server.keepAliveTimeout = 3600000;
server.headersTimeout = 3600000;
server.requestTimeout = 0;
server.maxRequestsPerSocket = 0;
process.on('SIGTERM', () => process.exit(0));
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 });
