// Drives a headless Chromium over a pipe: its DevTools protocol, one JSON object
// after another with a NUL behind each. No port, no library, no network.
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

class Browser {
  constructor(command) {
    this.profile = fs.mkdtempSync(path.join(os.tmpdir(), 'taper-browser-'));
    this.child = spawn(command, [
      '--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars',
      '--disable-background-networking', '--no-first-run',
      '--disable-dev-shm-usage', '--remote-debugging-pipe',
      `--user-data-dir=${this.profile}`, 'about:blank',
    ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.next = 1;
    this.waiting = new Map();
    this.listeners = [];
    let rest = '';
    this.child.stdio[4].setEncoding('utf8');
    this.child.stdio[4].on('data', (text) => {
      const parts = (rest + text).split('\0');
      rest = parts.pop();
      parts.forEach((part) => this.take(JSON.parse(part)));
    });
    this.child.on('exit', () => {
      this.waiting.forEach(({ reject }) => reject(new Error('it ended')));
      this.waiting.clear();
    });
  }

  take(message) {
    const answer = this.waiting.get(message.id);
    if (!answer) {
      this.listeners.forEach((listener) => listener(message));
      return;
    }
    this.waiting.delete(message.id);
    if (message.error) answer.reject(new Error(message.error.message));
    else answer.resolve(message.result);
  }

  send(method, params = {}, sessionId = this.session) {
    const id = this.next++;
    this.child.stdio[3].write(
      `${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
    });
  }

  // Opens a page, `width` pixels wide, and collects what goes wrong in it and
  // what it asks the network for.
  async open(url, width = 1000, dark = false) {
    const { targetId } = await this.send('Target.createTarget',
      { url: 'about:blank' }, undefined);
    const { sessionId } = await this.send('Target.attachToTarget',
      { targetId, flatten: true }, undefined);
    this.session = sessionId;
    const page = { errors: [], requests: [] };
    const loaded = new Promise((resolve) => {
      this.listeners = [(m) => {
        if (m.sessionId !== sessionId) return;
        if (m.method === 'Runtime.exceptionThrown')
          page.errors.push(m.params.exceptionDetails.text + ' ' +
            (m.params.exceptionDetails.exception || {}).description);
        if (m.method === 'Runtime.consoleAPICalled' &&
            ['error', 'warning', 'assert'].includes(m.params.type))
          page.errors.push(JSON.stringify(m.params.args));
        if (m.method === 'Log.entryAdded')
          page.errors.push(`${m.params.entry.level}: ${m.params.entry.text}`);
        if (m.method === 'Page.javascriptDialogOpening') {
          page.errors.push(`a dialog: ${m.params.message}`);
          this.send('Page.handleJavaScriptDialog', { accept: true });
        }
        if (m.method === 'Network.requestWillBeSent')
          page.requests.push(m.params.request.url);
        if (m.method === 'Page.loadEventFired') resolve();
      }];
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network'])
      await this.send(`${domain}.enable`);
    await this.send('Emulation.setDeviceMetricsOverride', { width,
      height: 844, deviceScaleFactor: 1, mobile: width < 600 });
    await this.send('Emulation.setEmulatedMedia', { features: [
      { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
    await this.send('Page.navigate', { url });
    await loaded;
    await this.settle();
    return page;
  }

  // Two frames: what was asked for is then drawn.
  settle() {
    return this.eval('new Promise((done) => requestAnimationFrame(() => ' +
      'requestAnimationFrame(() => done(true))))');
  }

  async eval(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails)
      throw new Error(`${expression}: ${exceptionDetails.exception.description}`);
    return result.value;
  }

  async mouse(type, x, y) {
    const click = type !== 'mouseMoved';
    await this.send('Input.dispatchMouseEvent', { type, x, y,
      button: click ? 'left' : 'none', clickCount: click ? 1 : 0 });
  }

  // The whole page as a picture.
  async screenshot(file) {
    const height = await this.eval('document.documentElement.scrollHeight');
    const width = await this.eval('innerWidth');
    const { data } = await this.send('Page.captureScreenshot', {
      format: 'png', captureBeyondViewport: true,
      clip: { x: 0, y: 0, width, height, scale: 1 } });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }

  async print(file) {
    const { data } = await this.send('Page.printToPDF',
      { printBackground: true, preferCSSPageSize: true });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }

  async close() {
    await this.send('Browser.close', {}, undefined).catch(() => {});
    await new Promise((done) => {
      if (this.child.exitCode !== null) done();
      else this.child.once('exit', done);
    });
    fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

module.exports = { Browser };
