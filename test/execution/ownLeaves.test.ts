import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OwnLeaves } from '../../src/execution/state/OwnLeaves.ts';

const KEYS = ['a', '__proto__', 'b"\u2028'];

const ways = ['in one run', 'of several runs'];

/** The rejections that nobody has handled when the microtasks after `run` are done. */
async function unhandled(run: () => void): Promise<unknown[]> {
  const found: unknown[] = [];
  const note = (reason: unknown): void => void found.push(reason);
  process.on('unhandledRejection', note);
  run();
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  return found;
}

const fails = (reason: string): Promise<never> => Promise.reject(reason);
const row = (a: unknown): object => ({ a, ['__proto__']: 1, 'b"\u2028': 'text' });
const rows = (count: number, make: (index: number) => object = row): object[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Each run has three rows. */
function watchInTurn(list: readonly unknown[]): void {
  const own = new OwnLeaves(KEYS);
  for (let from = 0; from < list.length; from += 3) own.watchAll(list.slice(from, from + 3), null);
}

for (const how of ways) {
  const leaves = suite(`leaves of waiting values, ${how}`);

  const watchAll = (list: readonly unknown[]): void => {
    if (how === 'of several runs') return watchInTurn(list);
    const own = new OwnLeaves(KEYS);
    own.watchAll(list, (value) => own.watch(value));
  };

  leaves('promises are watched, early and late [R27]', async () => {
    const list: unknown[] = rows(60, (index) => row([0, 15, 16, 17, 59].includes(index) ? fails(`${index}`) : index));
    list.splice(30, 0, null, 'text', Object.assign(Object.create(null), { a: fails('without prototype') }));
    assert.equal(await unhandled(() => watchAll(list)), []);
  });

  leaves('promises under keys that are not in all objects are watched [R27]', async () => {
    const list = rows(60, (index) => (index < 50 ? { a: index } : { a: index, 'b"\u2028': fails(`${index}`) }));
    assert.equal(await unhandled(() => watchAll(list)), []);
  });

  leaves('getters are not called: those of objects alike, of classes, and beside others', async () => {
    let calls = 0;
    const call = (): number => ++calls;
    class Inherited {
      declare a: unknown;
      get 'b"\u2028'() {
        return call();
      }
    }
    watchAll(
      rows(40, () => ({
        get a() {
          return call();
        },
        'b"\u2028': 1,
      })),
    );
    watchAll(rows(40, () => new Inherited()));
    watchAll(rows(40, (index) => (index < 30 ? row(1) : new Inherited())));
    watchAll(rows(40, () => Object.create(row(1), { a: { get: call, enumerable: true } })));
    assert.is(calls, 0);
  });

  leaves('a proxy that refuses ends nothing [R27]', async () => {
    const refuses = new Proxy(row(1), {
      get: () => {
        throw new Error('get');
      },
      getPrototypeOf: () => {
        throw new Error('getPrototypeOf');
      },
    });
    const list = rows(60, (index) => (index === 20 || index === 40 ? refuses : row(index === 59 ? fails('last') : 1)));
    assert.equal(await unhandled(() => watchAll(list)), []);
  });

  leaves('a getter that throws after all ends nothing [R27]', async () => {
    const throws = Object.defineProperty(row(1), 'a', {
      get: () => {
        throw new Error('get');
      },
    });
    const list = rows(60, (index) => (index === 30 ? throws : row(index > 50 ? fails(`${index}`) : 1)));
    assert.equal(await unhandled(() => watchAll(list)), []);
  });

  leaves.run();
}
