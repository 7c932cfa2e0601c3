// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The dashboard's page: all of it, without a resource from elsewhere.
///
/// Each @nonce@ stands for the nonce of the answer's Content-Security-Policy, @title@ for a title
/// that is escaped. Everything from outside becomes text nodes and attributes, never HTML.
///
/// Thread: any.
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

inline constexpr std::string_view kDashboardPage = R"page(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>@title@</title>
<style nonce="@nonce@">
:root {
  color-scheme: light dark;
  --ground: #f4f5f6; --panel: #ffffff; --line: #d9dde1; --line-strong: #7d868f;
  --text: #1b1f23; --soft: #555e67; --accent: #0a58b5; --on-accent: #ffffff; --fill: #0a58b51c;
  --good: #17692f; --warn: #7c4d00; --bad: #a8201a;
  --s2: #2b8a4b; --s3: #4a7fc1; --s4: #b9770e; --s5: #c2352d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101316; --panel: #181c20; --line: #2c3238; --line-strong: #7a848d;
    --text: #e7eaec; --soft: #a2abb3; --accent: #78b5ff; --on-accent: #06182c; --fill: #78b5ff24;
    --good: #6fd08c; --warn: #ecb95b; --bad: #ff928a;
    --s2: #57b877; --s3: #78a9e6; --s4: #e0a63c; --s5: #f0736b;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, h3, p, dl, dd, figure { margin: 0; }
h1 { font-size: 16px; font-weight: 650; letter-spacing: -.01em; }
h2 { font-size: 13px; font-weight: 650; }
code, pre, textarea, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12.5px; }
.soft { color: var(--soft); }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: 12px; top: -60px; z-index: 2; padding: 8px 12px; background: var(--panel); border: 1px solid var(--line-strong); border-radius: 6px; }
.skip:focus { top: 8px; }

header {
  position: sticky; top: 0; z-index: 1; background: var(--ground); border-bottom: 1px solid var(--line);
}
.bar { display: flex; align-items: center; gap: 8px 16px; flex-wrap: wrap; max-width: 1240px; margin: 0 auto; padding: 8px 20px; min-height: 48px; }
.state { display: inline-flex; align-items: center; gap: 7px; font-weight: 600; min-width: 11.5em; }
.state::before { content: ""; width: 9px; height: 9px; border-radius: 50%; background: currentColor; }
.state.live { color: var(--good); }
.state.wait { color: var(--warn); }
.state.lost { color: var(--bad); }
.state.wait::before, .state.lost::before { background: none; border: 2px solid currentColor; }
button {
  font: inherit; font-weight: 600; color: var(--text); background: var(--panel); border: 1px solid var(--line-strong);
  border-radius: 6px; padding: 5px 14px; min-height: 34px; cursor: pointer;
}
button:hover { border-color: var(--accent); }
.up { margin-left: auto; color: var(--soft); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button:disabled { opacity: .55; cursor: default; }

main { max-width: 1240px; margin: 0 auto; padding: 16px 20px 40px; display: grid; gap: 16px; }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; min-width: 0; }
.panel > h2 { margin-bottom: 10px; display: flex; align-items: baseline; gap: 8px; flex-wrap: wrap; }
.panel > h2 .soft { font-weight: 400; font-size: 12px; }

.tiles { display: grid; grid-template-columns: repeat(6, 1fr); background: var(--line); gap: 1px; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.tile { background: var(--panel); padding: 12px 16px; display: flex; flex-direction: column; min-width: 0; }
.tile dt { color: var(--soft); font-size: 12px; }
.tile .big { font-size: 23px; line-height: 1.3; font-weight: 620; letter-spacing: -.015em; white-space: nowrap; }
.tile .big small { font-size: 13px; font-weight: 500; color: var(--soft); letter-spacing: 0; }
.tile .sub { color: var(--soft); font-size: 12px; min-height: 1.45em; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.tile .sub.bad { color: var(--bad); font-weight: 600; }

.charts { display: grid; grid-template-columns: 3fr 2fr; gap: 16px; }
.plot { display: grid; grid-template-columns: 4.6em 1fr; grid-template-rows: 132px auto; gap: 4px 8px; }
.plot .y { display: flex; flex-direction: column; justify-content: space-between; text-align: right; font-size: 11.5px; color: var(--soft); margin: -6px 0; }
.plot .x { grid-column: 2; display: flex; justify-content: space-between; font-size: 11.5px; color: var(--soft); }
.plot svg { width: 100%; height: 132px; display: block; border-bottom: 1px solid var(--line-strong); background: linear-gradient(var(--line), var(--line)) 0 0 / 100% 1px no-repeat, linear-gradient(var(--line), var(--line)) 0 50% / 100% 1px no-repeat; overflow: visible; }
.plot path { vector-effect: non-scaling-stroke; fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.plot .line { stroke: var(--accent); }
.plot .line.second { stroke: var(--soft); stroke-dasharray: 4 3; }
.plot .area { fill: var(--fill); stroke: none; }
.key { display: inline-flex; gap: 5px; align-items: center; font-weight: 400; font-size: 12px; color: var(--soft); }
.key svg { width: 20px; height: 8px; }
.key path { stroke-width: 2; stroke: var(--accent); }
.key .second { stroke: var(--soft); stroke-dasharray: 4 3; }

.side { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 16px; }
.facts { display: grid; gap: 5px; }
.facts > div { display: grid; grid-template-columns: 1fr auto; gap: 12px; align-items: center; }
.facts dt { color: var(--soft); overflow-wrap: anywhere; }
.facts dd { font-weight: 600; text-align: right; }
.facts .hit dd { color: var(--bad); }
.facts .measure { grid-template-columns: 4.6em 1fr 5em; }
.gauge { height: 8px; border-radius: 4px; background: var(--line); overflow: hidden; }
.gauge > i { display: block; height: 100%; width: 0; background: var(--accent); }
.gauge > .s2 { background: var(--s2); } .gauge > .s3 { background: var(--s3); }
.gauge > .s4 { background: var(--s4); } .gauge > .s5 { background: var(--s5); }
details { margin-top: 10px; border-top: 1px solid var(--line); padding-top: 8px; }
summary { cursor: pointer; color: var(--soft); width: fit-content; }
details .facts { margin-top: 8px; font-size: 13px; }
.none { color: var(--soft); }

table { width: 100%; border-collapse: collapse; }
th, td { padding: 5px 10px; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); font-weight: 400; }
thead th { border-top: 0; color: var(--soft); font-size: 12px; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
.routes { table-layout: fixed; }
.routes thead th:first-child { width: 23%; }
.routes tbody th { white-space: normal; overflow-wrap: anywhere; }
abbr { text-decoration: none; }
.method { display: inline-block; min-width: 4.2em; color: var(--soft); font-size: 11.5px; font-weight: 600; letter-spacing: .02em; }
td.zero { color: var(--soft); }
td.hot4 { color: var(--warn); font-weight: 600; }
td.hot5 { color: var(--bad); font-weight: 600; }
.loops { table-layout: fixed; }
.loops th, .loops td { padding: 3px 0 3px 6px; }
.loops th:first-child { padding-left: 0; }
.loops thead th { padding-top: 0; }
.pool { margin-top: 8px; padding-top: 8px; border-top: 1px solid var(--line); }

form { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 16px 24px; }
.fields { display: grid; gap: 10px; align-content: start; }
.row { display: grid; grid-template-columns: 8em 1fr; gap: 10px; }
.params { display: grid; gap: 10px; }
.params:empty { display: none; }
label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); min-width: 0; }
input, select, textarea {
  font: inherit; font-size: 14px; color: var(--text); background: var(--ground); border: 1px solid var(--line-strong); border-radius: 6px;
  padding: 6px 9px; min-height: 36px; width: 100%; min-width: 0;
}
input.mono, textarea { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 13px; }
textarea { resize: vertical; min-height: 62px; display: block; }
::placeholder { color: var(--soft); opacity: 1; }
textarea:disabled { opacity: .6; }
.send { display: flex; gap: 12px; align-items: center; flex-wrap: wrap; }
.answer { border: 1px solid var(--line); border-radius: 6px; background: var(--ground); min-height: 330px; display: flex; flex-direction: column; min-width: 0; }
.answer .status { padding: 8px 12px; border-bottom: 1px solid var(--line); min-height: 38px; font-weight: 600; overflow-wrap: anywhere; }
.answer .status.good { color: var(--good); } .answer .status.bad { color: var(--bad); } .answer .status.warn { color: var(--warn); }
.answer h3 { font-size: 12px; font-weight: 400; color: var(--soft); padding: 8px 12px 0; }
pre { margin: 0; padding: 4px 12px 8px; white-space: pre-wrap; overflow-wrap: anywhere; overflow: auto; max-height: 320px; }
pre.headers { max-height: 150px; color: var(--soft); border-bottom: 1px solid var(--line); }

@media (max-width: 1000px) {
  .tiles { grid-template-columns: repeat(3, 1fr); }
  .charts { grid-template-columns: minmax(0, 1fr); }
  .side { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  form { grid-template-columns: minmax(0, 1fr); }
  .answer { min-height: 220px; }
}
@media (max-width: 720px) {
  .bar { padding: 8px 12px; }
  main { padding: 12px 12px 32px; gap: 12px; }
  .charts { gap: 12px; }
  .side { grid-template-columns: minmax(0, 1fr); gap: 12px; }
  .tiles { grid-template-columns: repeat(2, 1fr); }
  .tile { padding: 10px 12px; }
  .panel { padding: 12px; }
  header { position: static; }
  .routes thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .routes, .routes tbody { display: block; }
  .routes tr { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 2px 8px; border-top: 1px solid var(--line); padding: 8px 0; }
  .routes tbody tr:first-child { border-top: 0; padding-top: 0; }
  .routes th { grid-column: 1 / -1; padding: 0; border: 0; display: block; }
  .routes td { display: block; padding: 0; border: 0; text-align: left !important; overflow: hidden; text-overflow: ellipsis; }
  .routes td::before { content: attr(data-label); display: block; font-size: 11px; color: var(--soft); font-weight: 400; }
  .routes td:nth-of-type(6), .routes td:nth-of-type(7) { display: none; } /* 2xx and 3xx: the rest of the requests */
  .plot { grid-template-rows: 104px auto; } .plot svg { height: 104px; }
  input, select, textarea, input.mono { font-size: 16px; } /* smaller, and phones zoom in */
  button { min-height: 42px; }
}
@media (max-width: 400px) { .row { grid-template-columns: minmax(0, 1fr); } .tile .big { font-size: 20px; } }
@media (prefers-reduced-motion: no-preference) { .gauge > i { transition: width .25s linear; } }
@media (forced-colors: active) { .gauge > i { background: CanvasText; forced-color-adjust: none; } }
</style>
</head>
<body>
<a class="skip" href="#try">Skip to trying a route</a>
<header>
  <div class="bar">
    <h1>@title@</h1>
    <span id="state" class="state wait" role="status">Connecting</span>
    <span class="up">up <span id="uptime">–</span></span>
    <button id="pause" type="button" aria-pressed="false">Pause</button>
  </div>
</header>
<main>
  <section aria-label="Now">
    <dl class="tiles">
      <div class="tile"><dt>Requests</dt><dd class="big"><span id="rps">–</span> <small>/s</small></dd><dd class="sub" id="total">&nbsp;</dd></div>
      <div class="tile"><dt>Latency, 99 %</dt><dd class="big" id="p99">–</dd><dd class="sub" id="p50">&nbsp;</dd></div>
      <div class="tile"><dt>Connections</dt><dd class="big" id="connections">–</dd><dd class="sub" id="accepted">&nbsp;</dd></div>
      <div class="tile"><dt>Out</dt><dd class="big"><span id="out">–</span> <small>/s</small></dd><dd class="sub" id="in">&nbsp;</dd></div>
      <div class="tile"><dt>Waiting for a worker</dt><dd class="big" id="queued">–</dd><dd class="sub" id="wait">&nbsp;</dd></div>
      <div class="tile"><dt>Loop lag</dt><dd class="big" id="lag">–</dd><dd class="sub" id="stalls">&nbsp;</dd></div>
    </dl>
  </section>

  <div class="charts">
    <section class="panel" aria-labelledby="rate-h">
      <h2 id="rate-h">Requests a second</h2>
      <div class="plot">
        <div class="y" aria-hidden="true"><span id="rate-max">–</span><span id="rate-mid"></span><span>0</span></div>
        <svg id="rate" viewBox="0 0 120 100" preserveAspectRatio="none" role="img" aria-label="Requests a second, the last two minutes"><path class="area"/><path class="line"/></svg>
        <div class="x" aria-hidden="true"><span>2 min ago</span><span>1 min</span><span>now</span></div>
      </div>
    </section>
    <section class="panel" aria-labelledby="lat-h">
      <h2 id="lat-h">Latency <span class="key"><svg viewBox="0 0 20 8" aria-hidden="true"><path d="M0 4H20"/></svg>99 %</span> <span class="key"><svg viewBox="0 0 20 8" aria-hidden="true"><path class="second" d="M0 4H20"/></svg>50 %</span></h2>
      <div class="plot">
        <div class="y" aria-hidden="true"><span id="lat-max">–</span><span id="lat-mid"></span><span>0</span></div>
        <svg id="latency" viewBox="0 0 120 100" preserveAspectRatio="none" role="img" aria-label="Latency of all routes, the last two minutes"><path class="line second"/><path class="line"/></svg>
        <div class="x" aria-hidden="true"><span>2 min ago</span><span>1 min</span><span>now</span></div>
      </div>
    </section>
  </div>

  <section class="panel" aria-labelledby="routes-h">
    <h2 id="routes-h">Routes <span class="soft">rates and latency of the last 10 seconds; the rest since the start</span></h2>
    <table class="routes" role="table">
      <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Route</th><th role="columnheader" scope="col">/s</th><th role="columnheader" scope="col">50 %</th><th role="columnheader" scope="col">90 %</th><th role="columnheader" scope="col">99 %</th><th role="columnheader" scope="col">Requests</th><th role="columnheader" scope="col">2xx</th><th role="columnheader" scope="col">3xx</th><th role="columnheader" scope="col">4xx</th><th role="columnheader" scope="col">5xx</th><th role="columnheader" scope="col">Out</th></tr></thead>
      <tbody id="routes" role="rowgroup"></tbody>
    </table>
    <p id="no-routes" class="none">No request has been counted yet.</p>
  </section>

  <div class="side">
    <section class="panel" aria-labelledby="conn-h">
      <h2 id="conn-h">Connections</h2>
      <dl class="facts" id="states"></dl>
    </section>
    <section class="panel" aria-labelledby="status-h">
      <h2 id="status-h">Answers <span class="soft">last 10 seconds</span></h2>
      <dl class="facts" id="classes"></dl>
    </section>
    <section class="panel" aria-labelledby="limits-h">
      <h2 id="limits-h">Limits met <span class="soft">since the start</span></h2>
      <dl class="facts" id="limits"></dl>
      <p id="no-limits" class="none">None.</p>
      <details><summary>All limits</summary><dl class="facts" id="all-limits"></dl></details>
    </section>
    <section class="panel" aria-labelledby="loops-h">
      <h2 id="loops-h">Loops and workers</h2>
      <table class="loops">
        <thead><tr><th scope="col">Loop</th><th scope="col">Lag</th><th scope="col"><abbr title="Connections">Conn.</abbr></th><th scope="col">Req./s</th></tr></thead>
        <tbody id="loops"></tbody>
      </table>
      <dl class="facts pool" id="pool"></dl>
    </section>
  </div>

  <section class="panel" id="try" tabindex="-1" aria-labelledby="try-h">
    <h2 id="try-h">Try a route</h2>
    <form id="form" autocomplete="off">
      <div class="fields">
        <label>Route<select id="route"></select></label>
        <div class="row">
          <label>Method<select id="method"><option>GET</option><option>HEAD</option><option>POST</option><option>PUT</option><option>PATCH</option><option>DELETE</option><option>OPTIONS</option></select></label>
          <label>Path<input id="path" class="mono" required spellcheck="false" autocapitalize="off" placeholder="/path?query"></label>
        </div>
        <div id="params" class="params"></div>
        <label>Fields, one a line<textarea id="fields" rows="2" spellcheck="false" placeholder="Accept: application/json"></textarea></label>
        <label>Content<textarea id="body" rows="4" spellcheck="false"></textarea></label>
        <div class="send"><button id="send" class="main" type="submit">Send</button><button id="stop" type="button" disabled>Stop</button><span class="soft">It is sent by your browser, with your cookies.</span></div>
      </div>
      <div class="answer" role="group" aria-label="Answer">
        <p id="status" class="status none" role="status">No request sent yet.</p>
        <h3 id="headers-h">Fields</h3><pre id="headers" class="headers" tabindex="0" role="region" aria-labelledby="headers-h"></pre>
        <h3 id="content-h">Content</h3><pre id="content" tabindex="0" role="region" aria-labelledby="content-h"></pre>
      </div>
    </form>
  </section>
</main>
<script nonce="@nonce@">
'use strict';
(() => {
  const HISTORY = 120, WINDOW = 10, MOST = 64 * 1024;
  const NOT_LIMITS = new Set(['connections', 'timers', 'buffered_bytes', 'accepted', 'requests', 'stalls']);
  const $ = (id) => document.getElementById(id);
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const put = (element, text) => {
    text = String(text);
    if (element.textContent !== text) element.textContent = text;
  };

  // ── Words for numbers ──
  const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
  const precise = (n) => (n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2));
  const count = (n) => n < 1e6 ? whole.format(n) : n < 1e9 ? precise(n / 1e6) + ' M' : precise(n / 1e9) + ' G';
  const rate = (n) => n === 0 ? '0' : n < 10 ? n.toFixed(1) : count(n);
  const bytes = (n) => {
    if (n < 1024) return whole.format(n) + ' B';
    for (const unit of ['KiB', 'MiB', 'GiB']) {
      n /= 1024;
      if (n < 1024) return precise(n) + ' ' + unit;
    }
    return precise(n / 1024) + ' TiB';
  };
  const time = (us) => us == null ? '–' : us < 1000 ? whole.format(us) + ' µs' : us < 1e6 ? precise(us / 1e3) + ' ms' : precise(us / 1e6) + ' s';
  const span = (ms) => {
    const s = Math.floor(ms / 1000), two = (n) => String(n).padStart(2, '0');
    const clock = two(Math.floor(s / 3600) % 24) + ':' + two(Math.floor(s / 60) % 60) + ':' + two(s % 60);
    return s < 86400 ? clock : Math.floor(s / 86400) + ' d ' + clock;
  };

  // ── What the snapshots come to ──
  const ZERO = {'2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0};
  const keyOf = (route) => route.method + ' ' + route.pattern;
  let past = [];    // snapshots of the last seconds, the oldest first
  let series = [];  // points of the charts
  let paused = false;

  const minus = (now, before) => now.map((n, i) => n - (before ? before[i] || 0 : 0));
  /// The time below which a share of a histogram's requests lie, in µs; within a bucket evenly spread.
  const percentile = (hist, bounds, share) => {
    const all = hist.reduce((a, b) => a + b, 0);
    if (all <= 0 || !bounds || bounds.length === 0) return null;
    let left = all * share;
    for (let i = 0; i < hist.length; ++i) {
      if (hist[i] > 0 && left <= hist[i]) {
        const low = i === 0 ? 0 : bounds[i - 1];
        const high = i < bounds.length ? bounds[i] : low;
        return low + (high - low) * (left / hist[i]);
      }
      left -= hist[i];
    }
    return bounds[bounds.length - 1];
  };
  const add = (sum, hist) => hist.map((n, i) => n + (sum[i] || 0));

  const compare = (now, before) => {
    const seconds = Math.max(.001, (now.time_ms - before.time_ms) / 1000);
    const old = new Map((before.routes || []).map((route) => [keyOf(route), route]));
    const routes = new Map();
    const classes = {...ZERO};
    let hist = [];
    for (const route of now.routes || []) {
      const was = old.get(keyOf(route));
      const fresh = route.hist ? minus(route.hist, was && was.hist) : null;
      if (fresh) hist = add(hist, fresh);
      for (const name of Object.keys(classes)) classes[name] += ((route.status || ZERO)[name] || 0) - (was ? (was.status || ZERO)[name] || 0 : 0);
      const one = {rate: (route.count - (was ? was.count : 0)) / seconds, out: (route.bytes_out - (was ? was.bytes_out : 0)) / seconds};
      for (const [name, share] of [['p50', .5], ['p90', .9], ['p99', .99]])
        one[name] = fresh ? percentile(fresh, now.buckets_us, share) : one.rate > 0 ? route[name + '_us'] : null;
      routes.set(keyOf(route), one);
    }
    return {
      seconds, routes, classes,
      requests: (now.requests - before.requests) / seconds,
      bytesIn: (now.bytes_in - before.bytes_in) / seconds,
      bytesOut: (now.bytes_out - before.bytes_out) / seconds,
      loops: (now.loops || []).map((loop, i) => before.loops && before.loops[i] ? (loop.requests - before.loops[i].requests) / seconds : 0),
      p50: percentile(hist, now.buckets_us, .5), p99: percentile(hist, now.buckets_us, .99),
    };
  };

  // ── Drawing ──
  const roof = (n) => {
    if (n <= 0) return 1;
    const size = 10 ** Math.floor(Math.log10(n));
    return [1, 1.5, 2, 3, 4, 5, 7.5, 10].find((step) => step * size >= n) * size;
  };
  const path = (points, value, top) => {
    const newest = points.length ? points[points.length - 1].at : 0;
    let text = '', pen = 'M';
    for (const point of points) {
      const n = value(point);
      if (n == null) { pen = 'M'; continue; }
      const x = HISTORY - (newest - point.at) / 1000;
      if (x < 0) continue;
      text += pen + x.toFixed(2) + ' ' + (100 - Math.min(n / top, 1) * 100).toFixed(2);
      pen = 'L';
    }
    return text;
  };
  const draw = () => {
    const rateTop = roof(Math.max(...series.map((p) => p.rate), 0));
    const line = path(series, (p) => p.rate, rateTop);
    const svg = $('rate');
    svg.querySelector('.line').setAttribute('d', line);
    const first = line.match(/^M([\d.]+)/);
    svg.querySelector('.area').setAttribute('d', first ? line + 'L120 100L' + first[1] + ' 100Z' : '');
    put($('rate-max'), count(rateTop));
    put($('rate-mid'), rateTop >= 2 ? count(rateTop / 2) : '');
    const slowest = Math.max(...series.map((p) => p.p99 || 0), 0);
    const latTop = roof(slowest);
    const lines = $('latency').querySelectorAll('path');
    lines[0].setAttribute('d', path(series, (p) => p.p50, latTop));
    lines[1].setAttribute('d', path(series, (p) => p.p99, latTop));
    put($('lat-max'), slowest > 0 ? time(latTop) : '–');
    put($('lat-mid'), slowest > 0 ? time(latTop / 2) : '');
  };

  // ── Lists that keep their elements ──
  const facts = (list, rows) => {
    const have = new Map([...list.children].map((row) => [row.dataset.key, row]));
    rows.forEach(([key, value, share, kind], i) => {
      let row = have.get(key);
      if (!row) {
        row = make('div', {'data-key': key}, make('dt', {}, key));
        if (share != null) {
          row.className = 'measure';
          row.append(make('dd', {class: 'gauge', 'aria-hidden': 'true'}, make('i', kind ? {class: kind} : {})));
        }
        row.append(make('dd', {}));
      }
      have.delete(key);
      put(row.lastElementChild, value);
      if (share != null) row.querySelector('i').style.width = share > 0 ? 'max(2px, ' + (share * 100).toFixed(1) + '%)' : '0';
      if (list.children[i] !== row) list.insertBefore(row, list.children[i] || null);
    });
    for (const row of have.values()) row.remove();
  };
  const COLUMNS = ['/s', '50 %', '90 %', '99 %', 'Requests', '2xx', '3xx', '4xx', '5xx', 'Out'];
  const showRoutes = (now, last) => {
    const body = $('routes');
    const have = new Map([...body.children].map((row) => [row.dataset.key, row]));
    const all = (now.routes || []).filter((route) => route.count > 0);
    all.forEach((route, i) => {
      const key = keyOf(route), lately = last.routes.get(key) || {rate: 0};
      let row = have.get(key);
      if (!row) {
        row = make('tr', {'data-key': key, role: 'row'}, make('th', {scope: 'row', role: 'rowheader'}, make('span', {class: 'method'}, route.method === '*' ? 'any' : route.method), ' ', make('code', {class: 'pattern'}, route.pattern)));
        for (const label of COLUMNS) row.append(make('td', {'data-label': label, role: 'cell'}));
      }
      have.delete(key);
      const status = {...ZERO, ...route.status};
      const values = [rate(lately.rate), time(lately.p50), time(lately.p90), time(lately.p99), count(route.count), count(status['2xx']), count(status['3xx']), count(status['4xx']), count(status['5xx']), bytes(route.bytes_out)];
      values.forEach((value, at) => {
        const cell = row.children[at + 1];
        put(cell, value);
        cell.className = value === '0' || value === '–' ? 'zero' : at === 7 ? 'hot4' : at === 8 ? 'hot5' : '';
      });
      if (body.children[i] !== row) body.insertBefore(row, body.children[i] || null);
    });
    for (const row of have.values()) row.remove();
    $('no-routes').hidden = all.length > 0;
  };
  const showLoops = (now, last) => {
    const body = $('loops');
    const loops = now.loops || [];
    while (body.children.length > loops.length) body.lastElementChild.remove();
    loops.forEach((loop, i) => {
      if (!body.children[i]) body.append(make('tr', {}, make('th', {scope: 'row'}, String(i + 1)), make('td'), make('td'), make('td')));
      [time(loop.lag_us), count(loop.connections), rate(last.loops[i] || 0)].forEach((value, at) => put(body.children[i].children[at + 1], value));
    });
  };

  const show = (now) => {
    const before = past.length > 1 ? past[past.length - 2] : now;
    const second = compare(now, before), last = compare(now, past[0]);
    const settled = past.length > 1;
    put($('uptime'), now.uptime_ms == null ? '–' : span(now.uptime_ms));
    put($('rps'), settled ? rate(second.requests) : '–');
    put($('total'), count(now.requests || 0) + ' in all');
    put($('p99'), time(last.p99));
    put($('p50'), last.p50 == null ? 'no request lately' : time(last.p50) + ' at 50 %');
    put($('connections'), count(now.connections || 0));
    put($('accepted'), count(now.accepted || 0) + ' accepted');
    put($('out'), settled && second.bytesOut >= 0 ? bytes(second.bytesOut) : '–');
    put($('in'), settled && second.bytesIn >= 0 ? bytes(second.bytesIn) + '/s in' : '\u00a0');
    const pool = now.pool || {threads: '–', running: '–'};
    put($('queued'), pool.queued == null ? '–' : count(pool.queued));
    put($('wait'), pool.running + ' of ' + pool.threads + ' busy');
    facts($('pool'), [['Workers busy', pool.running + ' of ' + pool.threads], ['Wait, 50 %', time(pool.wait_p50_us)], ['Wait, 99 %', time(pool.wait_p99_us)]]);
    put($('lag'), now.loops ? time(Math.max(0, ...now.loops.map((loop) => loop.lag_us))) : '–');
    put($('stalls'), now.stalls ? count(now.stalls) + (now.stalls === 1 ? ' stall' : ' stalls') : 'no stall');
    $('stalls').className = now.stalls ? 'sub bad' : 'sub';
    const states = Object.entries(now.connections_by_state || {});
    const most = Math.max(1, states.reduce((sum, [, n]) => sum + n, 0));
    facts($('states'), states.map(([name, n]) => [name, count(n), n / most]));
    const answers = Math.max(1, Object.values(last.classes).reduce((a, b) => a + b, 0));
    facts($('classes'), Object.entries(last.classes).map(([name, n]) => [name, rate(n / last.seconds) + '/s', n / answers, 's' + name[0]]));
    const limits = Object.entries(now.counters || {}).filter(([name]) => !NOT_LIMITS.has(name));
    const words = ([name, n]) => [name.replaceAll('_', ' '), count(n)];
    facts($('limits'), limits.filter(([, n]) => n > 0).map(words));
    facts($('all-limits'), limits.map(words));
    $('no-limits').hidden = limits.some(([, n]) => n > 0);
    showRoutes(now, last);
    showLoops(now, last);
    if (!trying.known) trying.learn(now.routes || []);
    draw();
  };

  // ── The stream ──
  let source = null, delay = 1000, timer = 0, heard = 0, draining = false;
  const state = (kind, text) => {
    if ($('state').className !== 'state ' + kind) $('state').className = 'state ' + kind;
    put($('state'), text);
  };
  const told = () => paused ? state('wait', 'Paused') : draining ? state('wait', 'Draining') : state('live', 'Live');
  const take = (text) => {
    const now = JSON.parse(text);
    const newest = past[past.length - 1];
    // Another process, or the same server started again: its totals begin anew.
    if (newest && (now.uptime_ms < newest.uptime_ms || now.requests < newest.requests)) past = [];
    else if (newest && now.time_ms < newest.time_ms + 100) return;  // too near to tell a rate
    if (past.length && now.time_ms - past[past.length - 1].time_ms > 5000) past = [past[past.length - 1]];
    past.push(now);
    while (past.length > WINDOW + 1) past.shift();
    if (past.length > 1) {
      const second = compare(now, past[past.length - 2]);
      series.push({at: now.time_ms, rate: second.requests, p50: second.p50, p99: second.p99});
      series = series.filter((point) => point.at > now.time_ms - (HISTORY + 1) * 1000);
    }
    draining = now.draining === true;
    heard = Date.now();
    told();
    if (!paused) show(now);
  };
  const connect = () => {
    clearTimeout(timer);
    if (source) source.close();
    source = new EventSource('events');
    source.addEventListener('metrics', (event) => {
      delay = 1000;
      take(event.data);
    });
    source.onerror = () => {
      state('lost', 'Reconnecting');
      if (source.readyState !== EventSource.CLOSED) return;  // it tries again by itself
      clearTimeout(timer);
      timer = setTimeout(connect, delay);
      delay = Math.min(delay * 2, 15000);
    };
  };
  setInterval(() => {
    if (heard && Date.now() - heard > 5000 && !$('state').classList.contains('lost')) state('lost', 'No data for 5 s');
  }, 1000);
  $('pause').addEventListener('click', () => {
    paused = !paused;
    $('pause').setAttribute('aria-pressed', String(paused));
    put($('pause'), paused ? 'Go on' : 'Pause');
    if (heard) told();
    if (!paused && past.length) show(past[past.length - 1]);
  });

  // ── Trying a route ──
  const trying = {
    known: false,
    all: [],
    given: [],
    base: '',  // what a proxy has put in front of the server's paths
    learn(routes) {
      this.known = true;
      const have = new Set(this.given.map((one) => one.method + ' ' + one.path.split('?')[0]));
      this.all = this.given.concat(routes.filter((r) => r.pattern && r.pattern[0] === '/' && !have.has((r.method === '*' ? 'GET' : r.method) + ' ' + r.pattern)).map((r) => ({method: r.method === '*' ? 'GET' : r.method, path: r.pattern})));
      const select = $('route'), chosen = select.value;
      select.replaceChildren(make('option', {value: ''}, 'Any'), ...this.all.map((one, i) => make('option', {value: String(i)}, one.method + ' ' + one.path)));
      if (chosen) select.value = chosen;
      else if (this.all.length && !$('path').value) { select.value = '0'; this.choose(); }
    },
    choose() {
      const one = this.all[Number($('route').value)];
      if ($('route').value === '' || !one) return;
      if (![...$('method').options].some((option) => option.value === one.method)) $('method').append(make('option', {}, one.method));
      $('method').value = one.method;
      $('path').value = one.path;
      $('fields').value = one.fields || '';
      $('body').value = one.body || '';
      this.fit();
    },
    names() { return [...$('path').value.split('?')[0].matchAll(/\{([^{}]*)\}/g)].map((match) => match[1]); },
    fit() {
      const none = $('method').value === 'GET' || $('method').value === 'HEAD';
      $('body').disabled = none;
      const names = this.names(), inputs = [...$('params').querySelectorAll('input')];
      if (inputs.map((input) => input.dataset.name).join() === names.join()) return;
      $('params').replaceChildren(...names.map((name) => {
        const old = inputs.find((input) => input.dataset.name === name);
        return make('label', {}, '{' + name + '}', old || make('input', {class: 'mono', required: '', 'data-name': name, spellcheck: 'false', autocapitalize: 'off'}));
      }));
    },
    path() {
      const inputs = [...$('params').querySelectorAll('input')];
      let i = 0;
      const [path, ...query] = $('path').value.split('?');
      const filled = path.replace(/\{([^{}]*)\}/g, (all, name) => {
        const value = inputs[i++].value;
        return name.includes('...') ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
      });
      return this.base + (filled[0] === '/' ? '' : '/') + filled + (query.length ? '?' + query.join('?') : '');
    },
  };
  let sent = null;
  const answer = (kind, text) => {
    $('status').className = 'status ' + kind;
    put($('status'), text);
  };
  const read = async (response) => {
    if (!response.body) return ['', 0, false];
    const reader = response.body.getReader(), decoder = new TextDecoder();
    let text = '', size = 0;
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return [text + decoder.decode(), size, false];
      size += value.length;
      text += decoder.decode(value, {stream: true});
      if (text.length > MOST) {
        reader.cancel();
        return [text.slice(0, MOST), size, true];
      }
      put($('content'), text);  // streams show as they come
    }
  };
  $('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    if (sent) sent.abort();
    const mine = sent = new AbortController();
    const method = $('method').value;
    put($('headers'), '');
    put($('content'), '');
    answer('none', 'Waiting …');
    $('stop').disabled = false;
    const begun = performance.now();
    let line = '';
    try {
      const headers = new Headers();
      for (const field of $('fields').value.split('\n')) {
        const colon = field.indexOf(':');
        if (field.trim() === '') continue;
        if (colon < 1) throw new Error('A field has no colon: ' + field);
        headers.append(field.slice(0, colon).trim(), field.slice(colon + 1).trim());
      }
      const options = {method, headers, signal: mine.signal, cache: 'no-store', redirect: 'follow'};
      if (!$('body').disabled && $('body').value !== '') options.body = $('body').value;
      const response = await fetch(trying.path(), options);
      line = response.status + (response.statusText ? ' ' + response.statusText : '') + ' in ' + precise(performance.now() - begun) + ' ms';
      const kind = response.status < 300 ? 'good' : response.status < 400 ? 'warn' : 'bad';
      if (mine !== sent) return;
      answer(kind, line);
      put($('headers'), [...response.headers].map(([name, value]) => name + ': ' + value).join('\n'));
      const [text, size, cut] = await read(response);
      if (mine !== sent) return;
      put($('content'), text);
      answer(kind, line + ', ' + bytes(size) + (cut ? ', the rest not read' : '') + (response.redirected ? ', redirected' : ''));
    } catch (error) {
      if (mine !== sent) return;
      answer(error.name === 'AbortError' ? 'warn' : 'bad', error.name === 'AbortError' ? (line ? line + ', stopped' : 'Stopped') : 'Failed: ' + error.message);
    } finally {
      if (mine === sent) {
        sent = null;
        $('stop').disabled = true;
      }
    }
  });
  $('stop').addEventListener('click', () => { if (sent) sent.abort(); $('send').focus(); });
  $('route').addEventListener('change', () => trying.choose());
  for (const [id, what] of [['method', 'change'], ['path', 'input']])
    $(id).addEventListener(what, () => { $('route').value = ''; trying.fit(); });
  trying.fit();
  fetch('tries').then((response) => response.json()).then((told) => {
    if (location.pathname.endsWith(told.path)) trying.base = location.pathname.slice(0, location.pathname.length - told.path.length);
    trying.given = told.tries;
  }).catch(() => {}).finally(() => {
    trying.known = false;
    trying.learn(past.length ? past[past.length - 1].routes || [] : []);
    trying.known = past.length > 0;
    connect();
  });
})();
</script>
</body>
</html>
)page";

}  // namespace detail
WEIR_END_NAMESPACE
