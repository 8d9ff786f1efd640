import { COMMON_HEADERS, createNonce, insertNonce, pageHeaders } from './security';

describe('the headers of a page', () => {
  const policy = pageHeaders('abc', 'http://localhost:8000')['Content-Security-Policy'] ?? '';

  it('let run only what is the client’s own or carries the nonce', () => {
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'nonce-abc';");
    expect(policy).toContain("style-src 'self' 'nonce-abc';");
    expect(policy).not.toContain('unsafe');
  });

  it('let the page talk to the API, and to nobody else', () => {
    expect(policy).toContain("connect-src 'self' http://localhost:8000;");
    expect(policy).toContain("img-src 'self' data: http://localhost:8000;");
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it('name no other origin, for whatever kind of content', () => {
    expect(policy.match(/[a-z]+:\/\/[^\s;]+/g)).toEqual(Array(2).fill('http://localhost:8000'));
    expect(policy).not.toContain('*');
    for (const kind of ['frame-src', 'object-src', 'media-src', 'child-src', 'worker-src']) {
      expect(policy).not.toContain(kind);
    }
    expect(policy).toContain("form-action 'none'");
  });

  it('let browsers look up no name and tell no address ahead of a click', () => {
    expect(COMMON_HEADERS['X-DNS-Prefetch-Control']).toBe('off');
    expect(COMMON_HEADERS['Referrer-Policy']).toBe('no-referrer');
  });

  it('keep the page out of caches', () => {
    expect(pageHeaders('abc', 'http://localhost:8000')['Cache-Control']).toBe('no-store');
  });
});

describe('a nonce', () => {
  it('is another one each time, and hard to guess', () => {
    const nonces = new Set(Array.from({ length: 50 }, createNonce));
    expect(nonces.size).toBe(50);
    for (const nonce of nonces) expect(atob(nonce)).toHaveLength(16);
  });

  it('goes everywhere that Angular has marked', () => {
    const html = '<script nonce="CSP_NONCE_OF_THE_RESPONSE"></script>';
    expect(insertNonce(html + html, 'abc')).toBe('<script nonce="abc"></script>'.repeat(2));
  });
});
