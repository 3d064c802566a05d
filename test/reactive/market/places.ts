/** MySQL, Redis and servers as processes for the market. */
import { fileURLToPath } from 'node:url';
import { redisForTests } from '../../support/redisServer.ts';
import { typescript } from '../../support/repository.ts';
import { mysqlForTests } from '../../support/servers.ts';
import { type Standalone, startStandalone } from '../standalone.ts';
import type { Place } from './marketServer.ts';
import type { ServerProcess } from './runMarket.ts';

/** Two databases, and a prefix in Redis. */
export async function placeForTests(processCache: boolean): Promise<Place> {
  const [mysql, redis] = await Promise.all([mysqlForTests(), redisForTests()]);
  if (!mysql.isThere || !redis.isThere) throw new Error('MySQL and Redis are needed: npm run test:servers');
  const databases = [mysql.newDatabase(), mysql.newDatabase()].map((name) => `${mysql.uri}/${name}`);
  return { mysql: databases, redis: redis.url, prefix: redis.newPrefix(), processCache };
}

export interface MarketProcess extends ServerProcess {
  end(): Promise<void>;
}

const program = fileURLToPath(new URL('marketServer.ts', import.meta.url));

/** Two servers, each a process that is started again whenever it is killed. */
export async function startServers(place: Place): Promise<[MarketProcess, MarketProcess]> {
  return [await startServer(place), await startServer(place)];
}

async function startServer(place: Place): Promise<MarketProcess> {
  const start = async (port: number): Promise<Standalone> => {
    const started = await startStandalone(process.execPath, [...typescript, program, JSON.stringify({ place, port })]);
    if (started.port === 0) throw new Error(started.output());
    return started;
  };
  let running = await start(0);
  const { port } = running;
  const end = async (): Promise<void> => {
    running.child.kill('SIGKILL');
    await running.end;
    if (running.output().includes('failed')) console.log(running.output());
  };
  return {
    port,
    end,
    async kill() {
      await end();
      running = await start(port);
    },
  };
}
