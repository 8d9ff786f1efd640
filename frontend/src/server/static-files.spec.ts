import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StaticFiles } from './static-files';

const SCRIPT = 'console.log("olá");\n'.repeat(200);

let folder: string;
let server: Server;
let address: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acervo-'));
  await mkdir(join(folder, 'browser', 'media'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'browser', 'main-ABCD1234.js'), SCRIPT);
  await writeFile(join(folder, 'browser', 'index.csr.html'), '<html></html>');
  await writeFile(join(folder, 'browser', 'media', 'icon.svg'), '<svg/>');
  const files = await StaticFiles.load(join(folder, 'browser'));
  server = createServer((request, response) => {
    if (files.serve(request.url ?? '', request, response)) return;
    response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

describe('StaticFiles', () => {
  it('serves a file with a hash in its name for ever, and compressed', async () => {
    const response = await fetch(`${address}/main-ABCD1234.js`);
    expect(response.headers.get('Content-Encoding')).toBe('gzip');
    expect(response.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('Cache-Control')).toContain('immutable');
    expect(response.headers.get('Vary')).toBe('Accept-Encoding');
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(await response.text()).toBe(SCRIPT);
  });

  it('serves it as it is to those that don’t take it compressed', async () => {
    const response = await fetch(`${address}/main-ABCD1234.js`, {
      headers: { 'Accept-Encoding': 'identity' },
    });
    expect(response.headers.get('Content-Encoding')).toBeNull();
    expect(await response.text()).toBe(SCRIPT);
  });

  it('serves a file without a hash for an hour', async () => {
    const response = await fetch(`${address}/media/icon.svg`);
    expect(response.headers.get('Content-Type')).toBe('image/svg+xml');
    expect(response.headers.get('Cache-Control')).toBe('public, max-age=3600');
  });

  it('sends the head alone to those that ask for it', async () => {
    const response = await fetch(`${address}/main-ABCD1234.js`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it.each(['/', '/index.csr.html', '/../secret.txt', '/%2e%2e/secret.txt', '/media'])(
    'serves nothing at %s',
    async (path) => {
      expect((await fetch(address + path)).status).toBe(404);
    },
  );
});
