import { AngularNodeAppEngine, createNodeRequestHandler, isMainModule } from '@angular/ssr/node';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { RequestContext } from './app/core/request-context';
import { COMMON_HEADERS, createNonce, insertNonce, pageHeaders } from './server/security';
import { readSettings, SettingError } from './server/settings';
import { StaticFiles } from './server/static-files';

/** How long open connections get to finish once the process is asked to stop. */
const STOP_AFTER_MS = 5_000;

const angular = new AngularNodeAppEngine();

/** Renders the page; false where the application has no such page. */
async function render(
  request: IncomingMessage,
  response: ServerResponse,
  api: string,
): Promise<boolean> {
  const page = await angular.handle(request, { api } satisfies RequestContext);
  if (!page) return false;
  if (!page.ok) {
    sendText(response, page.status, await page.text());
    return true;
  }
  const nonce = createNonce();
  const html = Buffer.from(insertNonce(await page.text(), nonce));
  response.writeHead(page.status, {
    ...pageHeaders(nonce, api),
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': html.length,
  });
  response.end(request.method === 'HEAD' ? undefined : html);
  return true;
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...COMMON_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(text + '\n');
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  files: StaticFiles,
  api: string,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    sendText(response, 405, 'Method not allowed');
    return;
  }
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (files.serve(path, request, response)) return;
  if (path === '/' && (await render(request, response, api))) return;
  sendText(response, 404, 'Not found');
}

async function serve(): Promise<void> {
  const { host, port, api } = readSettings(process.env);
  const files = await StaticFiles.load(join(import.meta.dirname, '../browser'));
  const server = createServer((request, response) => {
    respond(request, response, files, api).catch((error: unknown) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else sendText(response, 500, 'Internal error');
    });
  });
  server.on('error', (error) => {
    console.error(`The client can't listen on ${host}:${port}: ${error.message}`);
    process.exit(1);
  });
  server.listen(port, host, () => {
    const address = server.address();
    const bound = typeof address === 'object' && address ? address.port : port;
    const name = host === '127.0.0.1' || host === '0.0.0.0' ? 'localhost' : host;
    console.log(`Acervo's client is at http://${name}:${bound} and asks ${api}`);
  });
  const stop = () => {
    server.close();
    server.closeIdleConnections();
    setTimeout(() => {
      server.closeAllConnections();
    }, STOP_AFTER_MS).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

if (isMainModule(import.meta.url)) {
  serve().catch((error: unknown) => {
    console.error(error instanceof SettingError ? error.message : error);
    process.exit(1);
  });
}

/** The development server of the Angular CLI serves the files itself and asks only for pages. */
export const reqHandler = createNodeRequestHandler(
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => {
    render(request, response, readSettings(process.env).api).then((found) => {
      if (!found) next();
    }, next);
  },
);
