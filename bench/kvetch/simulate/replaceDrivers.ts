import { createRequire } from 'node:module';
import { Pool } from './Network.ts';

/** Puts the simulated network in the place of the driver: to be imported before the store, which takes it from there. */
const driver = createRequire(import.meta.url)('mysql2');
Object.defineProperty(driver, 'createPool', {
  value: (options: ConstructorParameters<typeof Pool>[0]) => new Pool(options),
});
