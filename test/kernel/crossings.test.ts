import { describe } from 'vitest';
import { containers } from './containers.ts';
import { crossings } from './crossings.ts';
import { errors, links, odd, sizes } from './faults.ts';
import { firewalls } from './firewall.ts';
import { internet } from './internet.ts';
import { runRows } from './rows.ts';
import { services } from './services.ts';

describe('crossings', () => runRows(crossings));
describe('containers of one pod', () => runRows(containers));
describe('links', () => runRows(links));
describe('errors and who hears of them', () => runRows(errors));
describe('odd ways', () => runRows(odd));
describe('sizes', () => runRows(sizes));
describe('firewalls', () => runRows(firewalls));
describe('the internet', () => runRows(internet));
describe('services from outside, and hostNetwork', () => runRows(services));
