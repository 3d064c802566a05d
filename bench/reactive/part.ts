/** One part of the bench, in a bundle (see run.ts): prints its figures as JSON. */
import { cost } from './cost.ts';
import { lag } from './lag.ts';
import { live } from './live.ts';
import { refetch } from './refetch.ts';

const parts: Readonly<Record<string, () => Promise<Record<string, number | string>>>> = { cost, lag, live, refetch };
const name: string = JSON.parse(process.argv[2] ?? '""');
process.stdout.write(JSON.stringify(await parts[name]?.()), () => process.exit());
