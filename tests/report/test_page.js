// Opens pages of reports in a headless Chromium and uses them as a person does.
//
// usage: node test_page.js WRITE_PAGE [PICTURES]
//
// WRITE_PAGE is the program that writes a page. With PICTURES, a folder,
// screenshots and a print stay there for somebody to look at. Status 77: there
// is no Chromium, or no charts in this build.
'use strict';
const assert = require('assert');
const { execFileSync, spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { Browser } = require('./browser.js');

const [writePage, pictures] = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taper-page-'));
const KINDS = ['usual', 'empty', 'one', 'one-seed', 'budgets', 'many',
  'diverged'];

// Those that are also looked at on a wide screen: a phone is the harder test.
const WIDE = ['many', 'diverged'];

function findChromium() {
  return ['chromium', 'chromium-browser', 'google-chrome'].find((name) =>
    spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

function write(kind) {
  const file = path.join(folder, `${kind}.html`);
  execFileSync(writePage, [kind, file], { stdio: 'inherit' });
  return `file://${file}`;
}

// A page that loads without an error, without the network, without being hurt.
async function open(browser, url, width, dark) {
  const page = await browser.open(url, width, dark);
  assert.deepStrictEqual(page.errors, [], `${url} at ${width}`);
  assert.deepStrictEqual(page.requests.filter((r) => r !== url &&
    r !== 'data:,'), [], 'it asks for nothing');
  assert.strictEqual(await browser.eval('window.hurt'), undefined,
    'no name became a script');
  return page;
}

async function everyPageOpensAndFits(browser, urls) {
  for (const kind of KINDS)
    for (const [width, dark] of WIDE.includes(kind) ?
        [[1000, false], [390, true]] : [[390, true]]) {
      await open(browser, urls[kind], width, dark);
      assert.ok(await browser.eval('document.documentElement.scrollWidth') <=
        width, `${kind} scrolls sideways at ${width}`);
      const lost = await browser.eval(`taperCharts.filter((c) =>
        c.u.width > c.div.clientWidth || c.u.width < 240).length`);
      assert.strictEqual(lost, 0, `a chart of ${kind} does not fit ${width}`);
      if (pictures)
        await browser.screenshot(path.join(pictures, `${kind}-${width}.png`));
    }
}

async function chartsShowWhatTheTablesSay(browser, url) {
  await open(browser, url, 1000, false);
  // intervals, rates, loss, accuracy, peaks
  assert.strictEqual(await browser.eval('taperCharts.length'), 5);
  const drawn = await browser.eval(`taperCharts.map((c) => {
    const k = c.u.ctx.canvas, d = k.getContext('2d')
      .getImageData(0, 0, k.width, k.height).data;
    const colours = new Set();
    for (let i = 0; i < d.length; i += 4)
      if (d[i + 3] === 255) colours.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);
    return [0x0072b2, 0xd55e00, 0x009e73].every((x) => colours.has(x));
  })`);
  assert.deepStrictEqual(drawn, [true, true, true, true, true],
    'each chart has lines in the first three colours');
  const unnamed = await browser.eval(`taperCharts.filter((c) => !/^.*Chart: /
    .test(c.u.ctx.canvas.getAttribute('aria-label'))).length`);
  assert.strictEqual(unnamed, 0, 'each chart says what it is');
  const mean = await browser.eval(
    `+document.querySelector('table.cards td[data-label="mean, %"]')
      .textContent`);
  const value = await browser.eval('taperCharts[0].u.data[1][0]');
  assert.ok(Math.abs(mean - value) < 0.05, `${mean} is drawn at ${value}`);
}

// Where a point of a chart lies in the window.
function placeOf(chart, x, y) {
  return `(() => { const c = taperCharts[${chart}], u = c.u;
    c.div.scrollIntoView({ block: 'center' });
    const box = u.over.getBoundingClientRect();
    const a = u.valToPos(${x}, 'x'), b = u.valToPos(${y}, 'y');
    const upright = u.scales.x.ori === 1;
    return [box.left + (upright ? b : a), box.top + (upright ? a : b)]; })()`;
}

function valuesOf(chart) {
  return `[...taperCharts[${chart}].u.root.querySelectorAll(
    '.u-legend .u-series:not(.band) .u-value')].map((v) => v.textContent)`;
}

async function hoveringReadsValues(browser, url) {
  await open(browser, url, 1000, false);
  const before = await browser.eval(valuesOf(2));
  const [x, y] = await browser.eval(placeOf(2, 400, 1));
  await browser.mouse('mouseMoved', x - 30, y);
  await browser.mouse('mouseMoved', x, y);
  await browser.settle();
  const after = await browser.eval(valuesOf(2));
  assert.notDeepStrictEqual(after, before, 'the legend changes');
  assert.ok(Math.abs(+after[0] - 400) < 15, `step ${after[0]} is under 400`);
  // The loss of cosine decays to 0.02 and the seeds' mean of 0.006.
  assert.ok(+after[1] > 0.02 && +after[1] < 0.05, `a loss of ${after[1]}`);

  const [rx, ry] = await browser.eval(placeOf(0, 1,
    'taperCharts[0].u.data[1][1]'));
  await browser.mouse('mouseMoved', rx - 5, ry);
  await browser.mouse('mouseMoved', rx, ry);
  await browser.settle();
  const row = await browser.eval(valuesOf(0));
  const second = await browser.eval(
    `document.querySelectorAll('table.cards td.name')[1].firstChild
      .nextSibling.textContent`);
  assert.strictEqual(row[0], second, 'the row under the pointer is named');
  const mean = +row[1], low = +row[2], high = +row[3];
  assert.ok(low < mean && mean < high, `${low} < ${mean} < ${high}`);
}

async function legendsToggleInAllChartsOfASection(browser, url) {
  await open(browser, url, 1000, false);
  const shown = () => browser.eval(`taperCharts.filter((c) => c.bySeries)
    .map((c) => c.bySeries.map((s, i) => s && s.name === 'cosine' ?
      c.u.series[i].show : null).filter((s) => s !== null))`);
  const flat = (lists) => [...new Set([].concat(...lists))];
  assert.deepStrictEqual(flat(await shown()), [true]);
  const [x, y] = await browser.eval(`(() => {
    const th = taperCharts[2].u.root.querySelectorAll('.u-series th')[1];
    th.scrollIntoView({ block: 'center' });
    const b = th.getBoundingClientRect();
    return [b.left + b.width / 2, b.top + b.height / 2]; })()`);
  await browser.mouse('mousePressed', x, y);
  await browser.mouse('mouseReleased', x, y);
  await browser.settle();
  const hidden = await shown();
  assert.deepStrictEqual(flat(hidden), [false],
    'line and band, in every chart');
  assert.strictEqual(hidden.length, 4);
  // And back, by the keyboard.
  await browser.eval(`(() => { const th = taperCharts[1].u.root
    .querySelectorAll('.u-series th')[1]; th.focus();
    th.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' })); })()`);
  await browser.settle();
  assert.deepStrictEqual(flat(await shown()), [true]);
}

async function printIsLightAndWhole(browser, url) {
  await open(browser, url, 1000, true);
  const file = path.join(pictures || folder, 'usual.pdf');
  await browser.print(file);
  assert.ok(fs.statSync(file).size > 50000, 'charts are in the print');
  const back = await browser.eval(
    "document.documentElement.classList.contains('printing')");
  assert.strictEqual(back, false, 'the screen is as it was');
}

async function main() {
  const command = findChromium();
  if (!command) return 77;
  const charts = spawnSync(writePage, []).status;
  if (charts === 77) return 77;
  const urls = Object.fromEntries(KINDS.map((kind) => [kind, write(kind)]));
  const browser = new Browser(command);
  try {
    await everyPageOpensAndFits(browser, urls);
    await chartsShowWhatTheTablesSay(browser, urls.usual);
    await hoveringReadsValues(browser, urls.usual);
    await legendsToggleInAllChartsOfASection(browser, urls.usual);
    await printIsLightAndWhole(browser, urls.usual);
  } finally {
    await browser.close();
  }
  return 0;
}

main().catch((error) => {
  console.error(error);
  return 1;
}).then((status) => {
  fs.rmSync(folder, { recursive: true, force: true });
  process.exit(status);
});
