import * as assert from 'uvu/assert';
import { redisForTests } from '../../support/redisServer.ts';
import { race } from './race.ts';
import { mysqlSuiteWith } from './rows.ts';

const redis = await redisForTests();

mysqlSuiteWith([redis], 'kvetch mysql: cleaners and movers among writers', (test, server) => {
  // soak.ts does the same for as long as it is told
  test('one quiet pass leaves nothing wrong', async () => {
    const { repairs } = await race(
      ...([server, redis] as const),
      ({ writes, cleanings, moves }) => writes >= 500 && cleanings >= 6 && moves >= 2,
    );
    assert.ok(repairs > 0, 'the cleaners met writes that were under way');
  });
});
