import { randomBytes } from 'node:crypto';

/** The word that index.html carries where the nonce of the response goes. */
const NONCE_PLACEHOLDER = 'CSP_NONCE_OF_THE_RESPONSE';

export function createNonce(): string {
  return randomBytes(16).toString('base64');
}

/** Angular copies the placeholder to every inline script and style it writes: one replacement reaches all. */
export function insertNonce(html: string, nonce: string): string {
  return html.replaceAll(NONCE_PLACEHOLDER, nonce);
}

/** Headers that every response carries. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  // The address of somebody's own documents is nobody else's business.
  'Referrer-Policy': 'no-referrer',
  // Browsers would look up the names in an answer's links before anybody follows them.
  'X-DNS-Prefetch-Control': 'off',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

/** Headers of a rendered page; `api` is the one other origin that it may talk to and show pictures of. */
export function pageHeaders(nonce: string, api: string): Readonly<Record<string, string>> {
  return {
    ...COMMON_HEADERS,
    'Content-Security-Policy': [
      "default-src 'none'",
      `script-src 'self' 'nonce-${nonce}'`,
      `style-src 'self' 'nonce-${nonce}'`,
      `connect-src 'self' ${api}`,
      `img-src 'self' data: ${api}`,
      "font-src 'self'",
      "base-uri 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types angular',
    ].join('; '),
    // The nonce is for one response, and the language follows the request.
    'Cache-Control': 'no-store',
    Vary: 'Accept-Language, Cookie',
  };
}
