import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { COMMON_HEADERS } from './security';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
};

/** Under this size the gzip header and the processor time cost more than they save. */
const WORTH_COMPRESSING = 1024;

/** The build puts a hash of the content into these names, so that a copy never goes stale. */
const HASHED_NAME = /-[A-Z0-9]{8}\.(js|css)$/;

interface StaticFile {
  readonly type: string;
  readonly cache: string;
  readonly body: Buffer;
  readonly gzipped: Buffer | null;
}

/**
 * The built files of the browser, read and compressed once at the start. They are few and small, and a
 * request can only name what is in the map: no path of a request ever reaches the file system.
 */
export class StaticFiles {
  private constructor(private readonly files: ReadonlyMap<string, StaticFile>) {}

  static async load(folder: string): Promise<StaticFiles> {
    const files = new Map<string, StaticFile>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const type = TYPES[extname(entry.name)];
      if (!entry.isFile() || !type) continue;
      const path = join(entry.parentPath, entry.name);
      const url = '/' + relative(folder, path).split(sep).join('/');
      const body = await readFile(path);
      const compress = type !== 'image/png' && body.length >= WORTH_COMPRESSING;
      files.set(url, {
        type,
        body,
        gzipped: compress ? await promisify(gzip)(body, { level: 9 }) : null,
        cache: HASHED_NAME.test(entry.name)
          ? 'public, max-age=31536000, immutable'
          : 'public, max-age=3600',
      });
    }
    return new StaticFiles(files);
  }

  /** Answers with the file that the path names; false where there is none. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    const file = this.files.get(path);
    if (!file) return false;
    const accepted = [request.headers['accept-encoding']].flat().join();
    const gzipped = /\bgzip\b/.test(accepted) ? file.gzipped : null;
    const body = gzipped ?? file.body;
    response.writeHead(200, {
      ...COMMON_HEADERS,
      'Content-Type': file.type,
      'Content-Length': body.length,
      'Cache-Control': file.cache,
      ...(file.gzipped && { Vary: 'Accept-Encoding' }),
      ...(gzipped && { 'Content-Encoding': 'gzip' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  }
}
