import { PLATFORM_ID } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { FakeServer, settle } from '../../testing/fake-server';
import { LibraryStore } from './library-store';

const documents = (...ids: string[]) => ({ documents: ids.map((id) => ({ id, name: id })) });

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer().json('/documents', documents('a', 'b'));
  TestBed.configureTestingModule({ providers: server.providers });
});

async function createStore() {
  const store = TestBed.inject(LibraryStore);
  TestBed.tick();
  await settle();
  return store;
}

describe('LibraryStore', () => {
  it('loads the documents', async () => {
    const store = TestBed.inject(LibraryStore);
    expect(store.documents()).toBeNull();
    await createStore();
    expect(store.documents()).toHaveLength(2);
    expect(store.empty()).toBe(false);
  });

  it('asks nothing of the API on the server', async () => {
    TestBed.overrideProvider(PLATFORM_ID, { useValue: 'server' });
    await createStore();
    expect(server.sent).toEqual([]);
  });

  it('chooses documents one by one, and all again', async () => {
    const store = await createStore();
    store.toggle('a');
    store.toggle('b');
    store.toggle('a');
    expect([...store.chosen()]).toEqual(['b']);
    store.chooseAll();
    expect(store.chosen().size).toBe(0);
  });

  it('forgets the choice of a document that is gone', async () => {
    const store = await createStore();
    store.toggle('a');
    server.json('/documents', documents('b'));
    store.reload();
    TestBed.tick();
    await settle();
    expect(store.chosen().size).toBe(0);
  });

  it('says why the list did not come', async () => {
    server.down('/documents');
    expect((await createStore()).failure()).toEqual({ kind: 'unreachable' });
  });
});
