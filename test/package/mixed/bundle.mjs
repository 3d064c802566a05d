import { check } from './check.mjs';
import required from './required.cjs';

check(required).then(() => console.log('one identity'));
