import { readSettings, SettingError } from './settings';

describe('readSettings', () => {
  it('has a value for everything that is not set, or empty', () => {
    const usual = { host: '127.0.0.1', port: 4200, api: 'http://localhost:8000' };
    expect(readSettings({})).toEqual(usual);
    expect(readSettings({ HOST: '', PORT: '', ACERVO_API: '' })).toEqual(usual);
  });

  it('reads what is set', () => {
    const settings = { HOST: '0.0.0.0', PORT: '80', ACERVO_API: 'https://acervo.example.org/' };
    expect(readSettings(settings)).toEqual({
      host: '0.0.0.0',
      port: 80,
      api: 'https://acervo.example.org',
    });
  });

  it.each([
    ['PORT', '80a'],
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['ACERVO_API', 'localhost:8000'],
    ['ACERVO_API', 'http://localhost:8000/api'],
    ['ACERVO_API', 'http://me:secret@localhost:8000'],
    ['ACERVO_API', "http://localhost:8000; script-src 'unsafe-inline'"],
    ['ACERVO_API', 'javascript:alert(1)'],
  ])('stops at %s=%s, naming both', (name, value) => {
    const read = () => readSettings({ [name]: value });
    expect(read).toThrow(SettingError);
    expect(read).toThrow(`${name} has the value "${value}"`);
  });
});
