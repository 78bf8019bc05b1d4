import { TRACE_FORMATS } from '../../src/cli/trace.ts';
import { VALIDATE_FORMATS } from '../../src/cli/validate.ts';
import { REPORT_FORMATS } from '../../src/index.ts';
import { TEXTS } from './hostile.ts';
import { bare, destination, type Names, source } from './names.ts';
import type { Random } from './random.ts';

type Flag = (r: Random, names: Names) => readonly string[];
type Flags = readonly [Flag, ...Flag[]];

const flag = (...words: readonly string[]): Flag => {
  return () => words;
};
const valued = (name: string, ...values: readonly [string, ...string[]]): Flag => {
  return (r) => [name, r.oneIn(40) ? r.pick(TEXTS) : r.pick(values)];
};

const EVERYWHERE: Flags = [
  valued('-n', 'default', 'shop', 'kube-system'),
  flag('-v'),
  valued('--width', '40', '80', '1000'),
  valued('--color', 'always', 'auto', 'never'),
  flag('--no-color'),
  flag('-R'),
  valued('-f', 'topology.yaml', 'topology.yaml', '-', '.', 'other.json', 'missing.yaml'),
];

const PACKET: Flags = [
  valued('-p', '80', '8080', 'http'),
  valued('--protocol', 'tcp', 'udp', 'sctp', 'icmp'),
  valued('--size', '64', '1500', '1501', '65535'),
  valued('--over', 'network', 'ipc', 'volume'),
  flag('-4'),
  flag('-6'),
  valued('--family', 'IPv4', 'IPv6'),
  flag('-q'),
  flag('--all-paths'),
  flag('--reply'),
  flag('--with-dns'),
];

const REQUEST: Flags = [valued('-H', 'Host: shop.example.com', 'X-Canary: always'), valued('--method', 'GET', 'POST')];
const CHECKS: Flags = [valued('--fail-on', 'error', 'warning', 'note', 'never'), valued('--undetermined', 'fail', 'warn', 'pass')];
const FINDINGS: Flags = [valued('--select', 'hairpin-off', 'firewall'), valued('--ignore', 'hairpin-off,device-down'), ...CHECKS];

function flagsFrom(r: Random, names: Names, all: Flags): readonly string[] {
  return Array.from({ length: r.below(3) }, () => r.pick(r.oneIn(3) ? EVERYWHERE : all)(r, names)).flat();
}

/** One on standard output, or any number in files; now and then a file that cannot be written, or that is read. */
function outputs(r: Random, formats: readonly string[]): readonly string[] {
  const format = () => (r.oneIn(80) ? r.pick(TEXTS) : (r.some(formats) ?? ''));
  const all = Array.from({ length: r.below(3) }, (_, i) => ['-o', `${format()}=${r.oneIn(80) ? 'topology.yaml' : `out${i}`}`]);
  return [...all.flat(), ...(r.oneIn(8) ? [] : ['-o', format()])];
}

const EXPLAINED: readonly [string, ...string[]] = ['NO_ROUTE', 'hairpin-off', 'no-route', 'FILTER_DROP'];

/** Every pair of so many pods is more than a lab is for. */
const MANY = 30;

/** Words in any order, which commander sorts out. */
function noise(r: Random, names: Names): readonly string[] {
  const words = () => [source(r, names), destination(r, names), r.pick(TEXTS), ...r.pick([...EVERYWHERE, ...PACKET, ...CHECKS])(r, names)];
  return Array.from({ length: r.below(6) }, () => r.some(words()) ?? '');
}

/** Expectations about what there is, as a document of their own. */
export function drawnExpectations(r: Random, names: Names): string {
  const outcome = () =>
    r.pick([
      {},
      {},
      { outcome: 'delivered' },
      { outcome: 'rejected' },
      { outcome: ['dropped', 'exits'] },
      { reason: 'NO_ROUTE' },
      { via: 'node-1' },
    ]);
  const one = () => ({
    from: r.oneIn(6) ? '*' : source(r, names),
    to: r.oneIn(6) ? 'svc/*' : destination(r, names),
    ...outcome(),
    ...(r.oneIn(3) ? {} : { name: r.pick(TEXTS) + r.pick(TEXTS) }),
    ...(r.oneIn(6) ? { redirects: r.pick(['follow', 'stay']) } : {}),
    ...(r.oneIn(4) ? { severity: r.pick(['error', 'warning', 'note']) } : {}),
  });
  return JSON.stringify({ apiVersion: 'k8s-trace/v1', kind: 'Expectations', expect: Array.from({ length: 1 + r.below(4) }, one) });
}

/** A command line, of words that mean something with a few that do not. */
export function drawnCommand(r: Random, names: Names): readonly string[] {
  const [from, to] = [source(r, names), destination(r, names)];
  switch (r.below(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return [
        'check',
        ...(r.oneIn(4) ? [] : ['-f', 'topology.yaml', '-f', 'expect.json']),
        ...flagsFrom(r, names, CHECKS),
        ...outputs(r, REPORT_FORMATS),
      ];
    case 4:
    case 5:
      return ['validate', ...flagsFrom(r, names, FINDINGS), ...outputs(r, VALIDATE_FORMATS)];
    case 6:
    case 7: {
      const node = `node/${r.some(names.nodes)}`;
      const what = r.pick([
        [],
        [node],
        [node, '--rules'],
        ['pod', `${bare(r.some(names.pods))}`],
        ['svc', `${bare(r.some(names.services))}`],
        [to],
      ]);
      return ['show', ...what, ...flagsFrom(r, names, EVERYWHERE), ...outputs(r, ['table', 'json', 'yaml'])];
    }
    case 8:
      return [
        'lab',
        ...r.pick([
          ['verify', from, to],
          names.pods.length < MANY ? ['verify', '--all'] : ['up'],
          ['up'],
          ['script'],
          ['down'],
          ['exec', from, '--', 'ip'],
          [to],
        ]),
      ];
    case 9:
      return [r.pick(['explain', 'schema', 'completion', 'help']), r.pick([...EXPLAINED, 'trace', 'topology', 'bash', 'zsh', ...TEXTS])];
    case 10:
      return [
        '__complete',
        ...r.pick([[to], ['check', ''], [from, to], [from, ''], ['-o', ''], ['show', 'node', ''], ['trace', '--', to]]),
      ];
    case 11:
      return ['__complete-bash', `k8s-trace ${from} ${to}`.slice(0, r.below(60)), ' \t\n"\'><=;|&(:'];
    case 12:
      return noise(r, names);
    default:
      return [
        ...(r.oneIn(2) ? ['trace'] : []),
        from,
        to,
        ...flagsFrom(r, names, to.includes('//') ? REQUEST : PACKET),
        ...outputs(r, TRACE_FORMATS),
      ];
  }
}
