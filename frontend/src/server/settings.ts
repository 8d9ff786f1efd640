/** What the client's server is told by its environment. */
export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Where the browser finds the API: an origin, without a path or a final slash. */
  readonly api: string;
}

/** A setting has a value that can't be used; the message names it, the value and what is allowed. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
): ServerSettings {
  // An empty value, as compose files pass for what is not set, is none.
  const given = (name: string, otherwise: string) => {
    const value = environment[name] ?? '';
    return value === '' ? otherwise : value;
  };
  return {
    host: given('HOST', '127.0.0.1'),
    port: readPort(given('PORT', '4200')),
    api: readOrigin('ACERVO_API', given('ACERVO_API', 'http://localhost:8000')),
  };
}

function readPort(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new SettingError(`PORT has the value "${value}". Give a whole number from 0 to 65535.`);
  }
  return port;
}

/** The origin goes into the Content-Security-Policy, so that nothing but an origin may pass. */
function readOrigin(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  const isOrigin =
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    (url.pathname === '/' || url.pathname === '') &&
    !url.search &&
    !url.hash &&
    !url.username;
  if (!isOrigin) {
    throw new SettingError(
      `${name} has the value "${value}". Give an address such as http://localhost:8000, without a path.`,
    );
  }
  return url.origin;
}
