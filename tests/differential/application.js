// SPDX-License-Identifier: MIT
// The application of tests/conformance/application.hpp on Node's http, as far as its rows are compared.
//   node application.js PORT
// Its parser is llhttp as Node sets it up: insecureHTTPParser off, requireHostHeader on, 16 KiB of head.
'use strict';
const http = require('http');

const gets = new Set(['/', '/get', '/next', '/smuggled', '/version', '/count', '/empty', '/stream', '/sized', '/close',
  '/throw', '/slow', '/nocontent', '/early-hints', '/trailing', '/own-head', '/teapot']);
const posts = new Set(['/post', '/early', '/trailers']);
const any = new Set(['/any', '/deferred', '/blocking', '/reset', '/notmodified', '/nocontent-with-content']);
const says = new Map(Object.entries({
  '/next': 'next', '/smuggled': 'smuggled', '/empty': '', '/stream': 'one two three', '/sized': 'abcdefg',
  '/close': 'closing', '/slow': 'slow', '/early': 'early', '/early-hints': 'hinted', '/trailing': 'body',
}));
const statuses = new Map(Object.entries({
  '/nocontent': 204, '/reset': 205, '/notmodified': 304, '/throw': 500, '/teapot': 422, '/nocontent-with-content': 204,
}));

function allowed(method, path) {
  if (any.has(path)) return true;
  if (method === 'GET' || method === 'HEAD') return gets.has(path) || /^\/(fields|segment)\/./.test(path);
  if (method === 'POST') return posts.has(path);
  return method === 'DELETE' && path.startsWith('/users/');
}

/// Path and query of a target; Node hands over absolute-form as it came.
function split(target) {
  const [path, ...query] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?');
  return [path === '' ? '/' : path, query.join('?')];
}

function answer(req, res) {
  const [path, query] = split(req.url);
  const end = (status, text) => {
    res.writeHead(status, status === 204 || status === 304 ? {} : {'Content-Length': Buffer.byteLength(text, 'latin1')});
    res.end(text, 'latin1');
  };
  const known = ['GET', 'POST', 'DELETE'].some((method) => allowed(method, path));
  if (req.method === 'OPTIONS' && (known || path === '*' || req.url === 'http://a')) return end(204, '');
  if (!known) return end(404, 'not found');
  if (!allowed(req.method, path)) return end(405, 'not allowed');
  const pieces = [];
  req.on('data', (piece) => pieces.push(piece));
  req.on('end', () => answerContent(req, path, query, Buffer.concat(pieces).toString('latin1'), end));
}

function answerContent(req, path, query, content, end) {
  if (statuses.has(path)) return end(statuses.get(path), '');
  if (says.has(path)) return end(200, says.get(path));
  if (path === '/trailers') return end(200, content + '|');
  const text = `${req.method} ${path}${query && '?' + query}${content && ' ' + content}`;
  end(200, path === '/deferred' || path === '/blocking' ? `${path.slice(1)} ${text}` : text);
}

http.createServer(answer).listen(Number(process.argv[2]), '127.0.0.1');
