// SPDX-License-Identifier: MIT
// The demo's dashboard as a person meets it: values move under load, the form works by keyboard,
// light, dark and on a phone, and the page comes back with the server.
//   node dashboard.mjs DEMO BROWSER     screenshots go to the working folder
import {spawn} from 'node:child_process';
import http from 'node:http';
import {once} from 'node:events';
import {chromium} from 'playwright-core';

const [demo, browserPath] = process.argv.slice(2);
const PATIENCE = 30_000;
let passed = 0;
const failures = [];

const check = (holds, what) => {
  if (holds) {
    ++passed;
    return;
  }
  failures.push(what);
  console.log('FAILED: ' + what);
};
const step = async (name, run) => {
  try {
    await run();
    console.log('done: ' + name);
  } catch (error) {
    check(false, name + ': ' + error.message.split('\n').slice(0, 6).join(' | '));
  }
};

// ── The server ──
let server = null;
const start = async (port) => {
  const child = spawn(demo, ['--port', String(port), '--threads', '2', '--drain-delay', '2500', '--stop-deadline', '20000'], {stdio: ['ignore', 'pipe', 'inherit']});
  server = child;
  let said = '';
  const deadline = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  for await (const piece of child.stdout) {
    said += piece;
    const match = said.match(/http:\/\/127\.0\.0\.1:(\d+)/);
    if (match) {
      clearTimeout(deadline);
      return Number(match[1]);
    }
  }
  throw new Error('the demo did not start: ' + said);
};
/// Ends the demo; says how long it took, in ms, and its status.
const stop = async () => {
  const begun = Date.now(), ended = once(server, 'exit');
  server.kill('SIGTERM');
  const [status] = await ended;
  server = null;
  return {ms: Date.now() - begun, status};
};

// ── Load: a bounded number of requests, one after the other on few connections ──
let loading = false;
const load = async (port) => {
  loading = true;
  const agent = new http.Agent({keepAlive: true, maxSockets: 4});
  const ask = (path, method = 'GET', body = '') => new Promise((resolve) => {
    const request = http.request({host: '127.0.0.1', port, path, method, agent}, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    request.on('error', resolve);
    request.end(body);
  });
  const lane = async (lane) => {
    for (let i = 0; loading && i < 20_000; ++i) {
      if (i % 50 === 7) await ask('/nowhere');
      else if (i % 20 === 3) await ask('/slow?ms=5');
      else if (i % 5 === 2) await ask('/echo', 'POST', 'x'.repeat(2000));
      else await ask(lane % 2 ? '/json' : '/plaintext');
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  };
  await Promise.all([0, 1, 2, 3].map(lane));
  agent.destroy();
};

const port = await start(0);
const url = 'http://127.0.0.1:' + port + '/';
const browser = await chromium.launch({
  executablePath: browserPath,
  // As root its sandbox does not start.
  args: process.getuid() === 0 ? ['--no-sandbox'] : [],
});

// ── What no page may say ──
let expected = /^$/;  // what the browser may say about requests that are meant to fail
const open = async (name, options, at = url) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (expected.test(message.text())) return;
    check(false, name + ': console says ' + message.text());
  });
  page.on('pageerror', (error) => check(false, name + ': script fails: ' + error.message));
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI));
  });
  await page.goto(at);
  return page;
};
const text = (page, id) => page.locator('#' + id).textContent();
const becomes = (page, test, argument) => page.waitForFunction(test, argument, {timeout: PATIENCE});
const hasState = (page, word) => becomes(page, (word) => document.getElementById('state').textContent.startsWith(word), word);
const quiet = async (name, page) => check((await page.evaluate(() => window.violations)).length === 0, name + ': the policy was violated: ' + JSON.stringify(await page.evaluate(() => window.violations)));
const noScrolling = async (name, page) => {
  const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  check(wide <= seen, name + ': scrolls sideways, ' + wide + ' of ' + seen);
};
/// The least contrast of text on its ground among the elements that show text (WCAG 2.2 §1.4.3).
const leastContrast = (page) => page.evaluate(() => {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  let worst = [21, ''];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (!own || element.disabled || !element.checkVisibility()) continue;
    const [a, b] = [light(channels(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < worst[0]) worst = [contrast, element.tagName + ' ' + element.id + ' ' + element.className];
  }
  return worst;
});

const loaded = load(port);
const light = await open('light', {viewport: {width: 1280, height: 900}, colorScheme: 'light'});
const dark = await open('dark', {viewport: {width: 1280, height: 900}, colorScheme: 'dark', reducedMotion: 'reduce'});
const phone = await open('phone', {viewport: {width: 360, height: 740}, deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme: 'light'});
const pages = {light, dark, phone};

await step('values move under load', async () => {
  for (const page of Object.values(pages)) await hasState(page, 'Live');
  await becomes(light, () => /[1-9]/.test(document.getElementById('rps').textContent));
  const total = await text(light, 'total'), line = await light.locator('#rate .line').getAttribute('d');
  await becomes(light, (total) => document.getElementById('total').textContent !== total, total);
  await becomes(light, (line) => document.querySelector('#rate .line').getAttribute('d') !== line, line);
  check(Number((await text(light, 'connections')).replace(/\D/g, '')) > 3, 'connections are counted');
});

const firstSnapshot = () => new Promise((resolve, reject) => {
  const request = http.get(url + 'events', async (response) => {
    let said = '';
    for await (const piece of response) {
      said += piece;
      const match = said.match(/^data: (.*)\n\n/m);
      if (match) return resolve(JSON.parse(match[1]));
    }
  });
  request.on('error', reject);
});

await step('latency and routes are shown', async () => {
  if (!('routes' in await firstSnapshot())) return console.log('not looked at: this demo counts no routes');
  await becomes(light, () => /[mµ]?s$/.test(document.getElementById('p99').textContent));
  const rows = await light.locator('#routes tr').allTextContents();
  for (const pattern of ['/plaintext', '/json', '/echo', '/slow'])
    check(rows.some((row) => row.includes(pattern)), 'the route ' + pattern + ' has a row');
  check(await light.locator('#routes th[scope=row]').count() === rows.length, 'each row has its header');
  await becomes(light, () => document.querySelectorAll('#classes > div').length === 4);
});

await step('nothing moves while paused', async () => {
  await light.locator('#pause').click();
  const total = await text(light, 'total');
  await light.waitForTimeout(2500);
  check(await text(light, 'total') === total, 'paused, the total stays');
  check(await light.locator('#pause').getAttribute('aria-pressed') === 'true', 'the button says that it is pressed');
  await light.locator('#pause').click();
  await becomes(light, (total) => document.getElementById('total').textContent !== total, total);
});

await step('the form is reached and sent by keyboard', async () => {
  await dark.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  const order = [];
  for (let i = 0; i < 14; ++i) {
    await dark.keyboard.press('Tab');
    const [name, outline] = await dark.evaluate(() => {
      const at = document.activeElement;
      return [at.id || at.className || at.tagName.toLowerCase(), getComputedStyle(at).outlineStyle + getComputedStyle(at).outlineWidth];
    });
    order.push(name);
    if (name !== 'body') check(outline !== 'none0px' && !outline.startsWith('none'), 'the focus on ' + name + ' is visible');
    if (name === 'headers') break;
  }
  check(order.join(' ').includes('skip pause summary route method path fields send'), 'focus goes ' + order.join(' '));
  await dark.locator('.skip').focus();
  await dark.keyboard.press('Enter');
  await dark.keyboard.press('Tab');
  check(await dark.evaluate(() => document.activeElement.id) === 'route', 'the skip link leads to the form');
  await dark.locator('#path').focus();
  await dark.keyboard.press('Control+A');
  await dark.keyboard.type('/json');
  await dark.keyboard.press('Enter');
  await becomes(dark, () => document.getElementById('status').textContent.startsWith('200'));
  await becomes(dark, () => document.getElementById('content').textContent.includes('Hello, World!'));
  check((await text(dark, 'headers')).includes('content-type: application/json'), 'the answer\'s fields are shown');
});

await step('POST /echo comes back as text, whatever it is', async () => {
  const body = '<img src=x onerror="document.title=1"><b>bold</b>';
  await light.locator('#route').selectOption({label: 'POST /echo'});
  await light.locator('#fields').fill('Content-Type: text/html\nX-Other: 1');
  await light.locator('#body').fill(body);
  await light.locator('#send').click();
  await becomes(light, () => /^200.* in .* ms, \d+ B$/.test(document.getElementById('status').textContent));
  check(await text(light, 'content') === body, 'the content is what was sent');
  check(await light.locator('#content *').count() === 0, 'no element came of it');
});

await step('parameters, failures and streams', async () => {
  await light.locator('#method').selectOption('GET');
  await light.locator('#path').fill('/nowhere/{id}/x?y=1');
  await light.locator('#fields').fill('');
  check(await light.locator('#route').inputValue() === '', 'what is typed is no route of the list');
  await light.locator('#params input').fill('a b/c');
  expected = /status of 404/;
  await light.locator('#send').click();
  await becomes(light, () => document.getElementById('status').textContent.startsWith('404'));
  expected = /^$/;
  await light.locator('#fields').fill('no colon');
  await light.locator('#send').click();
  await becomes(light, () => document.getElementById('status').textContent.startsWith('Failed: A field has no colon'));
  await light.locator('#fields').fill('');
  await light.locator('#path').fill('/events');
  await light.locator('#send').click();
  await becomes(light, () => document.getElementById('content').textContent.includes('event: metrics'));
  await light.locator('#stop').click();
  await becomes(light, () => document.getElementById('status').textContent.endsWith('stopped'));
  await light.locator('#path').fill('/stream?size=100000&chunks=1000');
  await light.locator('#send').click();
  await becomes(light, () => document.getElementById('status').textContent.endsWith('the rest not read'));
  await light.locator('#path').fill('/inspect?a=1');
  await light.locator('#send').click();
  await becomes(light, () => document.getElementById('status').textContent.startsWith('200'));
});

await step('a proxy may put a prefix in front', async () => {
  const proxy = http.createServer((request, response) => {
    if (!request.url.startsWith('/app/')) return response.writeHead(404).end();
    const inner = http.request({host: '127.0.0.1', port, path: request.url.slice(4), method: request.method, headers: request.headers}, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    inner.on('error', () => response.destroy());
    response.on('close', () => inner.destroy());
    request.pipe(inner);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const page = await open('proxied', {}, 'http://127.0.0.1:' + proxy.address().port + '/app/');
  await hasState(page, 'Live');
  await page.locator('#path').fill('/json');
  await page.keyboard.press('Enter');
  await becomes(page, () => document.getElementById('content').textContent.includes('Hello, World!'));
  await quiet('proxied', page);
  await page.context().close();
  proxy.closeAllConnections();
  proxy.close();
});

// A made-up second of a server, so that each number is known.
const snapshot = (later) => ({
  time_ms: 1_700_000_000_000 + later * 1000, uptime_ms: 90_061_000 + later * 1000, draining: false,
  requests: 1000 + later * 100, accepted: 1_234_567, connections: 1500, connections_by_state: {idle: 1490, reading: 5, handling: 4, writing: 1},
  bytes_in: later * 512, bytes_out: later * 2048, pool: {threads: 4, running: 3, queued: 7, wait_p50_us: 12, wait_p99_us: 3456}, stalls: 2,
  loops: [{lag_us: 250, connections: 700, requests: later * 60}, {lag_us: 80, connections: 800, requests: later * 40}],
  counters: {connections: 1500, head_timeouts: 3, malformed: 0}, buckets_us: [100, 200, 400],
  routes: [
    {method: 'GET', pattern: '/a/{id}', count: later * 100, status: {'2xx': later * 95, '3xx': 0, '4xx': later * 5, '5xx': 0}, p50_us: 1, p90_us: 1, p99_us: 1, bytes_out: later * 2048, hist: [50, 40, 10, 0].map((n) => n * later)},
    {method: '*', pattern: '/<img src=x>', count: 3, status: {'2xx': 0, '3xx': 0, '4xx': 0, '5xx': 3}, p50_us: 1, p90_us: 1, p99_us: 1, bytes_out: 3 << 20, hist: [0, 0, 0, 3]},
    {method: 'PUT', pattern: '/never', count: 0, status: {'2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0}, bytes_out: 0, hist: [0, 0, 0, 0]},
  ],
});
await step('the numbers come out right', async () => {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}});
  const page = await context.newPage();
  await page.route('**/events', (route) => route.fulfill({
    contentType: 'text/event-stream',
    body: [0, 1].map((later) => 'event: metrics\ndata: ' + JSON.stringify(snapshot(later)) + '\n\n').join(''),
  }));
  await page.goto(url);
  await becomes(page, () => document.getElementById('rps').textContent === '100');
  const expected = {
    total: '1,100 in all', p99: '380 µs', p50: '100 µs at 50 %', connections: '1,500', accepted: '1.23 M accepted', out: '2.00 KiB', in: '512 B/s in',
    queued: '7', wait: '3 of 4 busy', lag: '250 µs', stalls: '2 stalls', uptime: '1 d 01:01:02',
  };
  for (const [id, value] of Object.entries(expected)) {
    const shown = await text(page, id);
    check(shown === value, id + ' is ' + value + ', not ' + shown);
  }
  const cells = async (selector) => (await page.locator(selector).allTextContents()).join('|');
  const is = async (selector, value) => check(await cells(selector) === value, selector + ' is ' + value + ', not ' + await cells(selector));
  await is('#routes tr:nth-child(1) > *', 'GET /a/{id}|100|100 µs|200 µs|380 µs|100|95|0|5|0|2.00 KiB');
  await is('#routes tr:nth-child(2) > *', 'any /<img src=x>|0|–|–|–|3|0|0|0|3|3.00 MiB');
  check(await page.locator('#routes tr').count() === 2, 'a route that nobody asked for has no row');
  check(await page.locator('#routes img').count() === 0, 'a pattern is text');
  await is('#loops tr:nth-child(1) > *', '1|250 µs|700|60');
  await is('#loops tr:nth-child(2) > *', '2|80 µs|800|40');
  await is('#classes > div > :last-child', '95/s|0/s|5.0/s|0/s');
  await is('#states > div > :last-child', '1,490|5|4|1');
  await is('#limits > div', 'head timeouts3');
  await is('#all-limits > div', 'head timeouts3|malformed0');
  check((await cells('#route option')).includes('|PUT /never'), 'the form knows it all the same');
  await page.screenshot({path: 'numbers.png', fullPage: true});
  await context.close();
});

await step('everything is named, and legible', async () => {
  const unnamed = await light.evaluate(() => [...document.querySelectorAll('input, select, textarea, button')].filter((one) => !(one.labels && one.labels.length) && one.textContent.trim() === '').map((one) => one.id));
  check(unnamed.length === 0, 'without a name: ' + unnamed.join());
  for (const what of ['header', 'main', 'h1']) check(await light.locator(what).count() === 1, 'there is one ' + what);
  for (const [name, page] of Object.entries(pages)) {
    const [contrast, where] = await leastContrast(page);
    check(contrast >= 4.5, name + ': contrast of ' + contrast.toFixed(2) + ' at ' + where);
    await noScrolling(name, page);
  }
  for (const width of [320, 480, 768, 1024, 1920]) {
    await light.setViewportSize({width, height: 900});
    await noScrolling('at ' + width, light);
  }
  await light.setViewportSize({width: 1280, height: 900});
  check(await dark.evaluate(() => getComputedStyle(document.querySelector('.gauge > i')).transitionDuration) === '0s', 'nothing moves by itself where that is not wanted');
});

await step('nothing shifts', async () => {
  const shift = await light.evaluate(() => new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value; }).observe({type: 'layout-shift'});
    setTimeout(() => resolve(sum), 4000);
  }));
  check(shift < .01, 'the layout shifts by ' + shift);
});

await step('screenshots', async () => {
  for (const [name, page] of Object.entries(pages)) {
    await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
    await page.screenshot({path: name + '.png', fullPage: true});
  }
});

await step('the page comes back with the server', async () => {
  for (const [name, page] of Object.entries(pages)) await quiet(name, page);
  loading = false;
  await loaded;
  expected = /net::ERR_/;
  const stopped = stop();
  await hasState(light, 'Draining');
  const {ms, status} = await stopped;
  check(status === 0, 'the demo ends with 0, not ' + status);
  check(ms < 15_000, 'streams that are open do not hold the stop: ' + ms + ' ms');
  await hasState(light, 'Reconnecting');
  await light.screenshot({path: 'reconnecting.png'});
  await start(port);
  for (const page of Object.values(pages)) await hasState(page, 'Live');
  expected = /^$/;
  const uptime = await text(light, 'uptime');
  check(/^(00:00:..|–)$/.test(uptime), 'it is the new server: up ' + uptime);
  await becomes(light, () => /^[\d.]+$/.test(document.getElementById('rps').textContent));
});

await browser.close();
const {status} = await stop();
check(status === 0, 'the demo ends with 0, not ' + status);
console.log('browser: ' + passed + ' passed, ' + failures.length + ' failed');
process.exit(failures.length === 0 ? 0 : 1);
