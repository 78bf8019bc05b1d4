import { FORMATS, REPORT_FORMATS } from '../../src/index.ts';
import { TEXTS } from './hostile.ts';
import type { Random } from './random.ts';

/** Words that a file makes worth asking for: its names, addresses and hosts. */
export function namesIn(text: string): readonly string[] {
  const names = [...text.matchAll(/name"?: *"?([\w.-]+)/g)].map((m) => m[1] ?? '');
  const addresses = [...text.matchAll(/\b\d+\.\d+\.\d+\.\d+\b|\b[\da-f]+:[\da-f:]+\b/g)].map((m) => m[0]);
  const hosts = [...text.matchAll(/\bhosts?: *\[? *"?([\w.*-]+)/g)].map((m) => m[1] ?? '');
  return [...new Set([...names, ...addresses, ...hosts])];
}

function place(r: Random, names: readonly string[]): string {
  const name = r.oneIn(12) ? r.pick(TEXTS) : (r.some(names) ?? 'pod-a');
  const before = r.pick(['', '', '', '', 'svc/', 'svc/', 'pod/', 'node/', 'default/', 'shop/', 'app@', 'deploy/', 'http://', 'https://']);
  const after = r.pick([
    '',
    '',
    '',
    ':80',
    ':8080',
    ':http',
    ':53/udp',
    '/',
    '/cart',
    '.default.svc.cluster.local',
    ':0',
    ':99999',
    ':80/sctp',
  ]);
  return before + name + after;
}

type Flag = (r: Random, names: readonly string[]) => readonly string[];
type Flags = readonly [Flag, ...Flag[]];

const flag = (...words: readonly string[]): Flag => {
  return () => words;
};
const valued = (name: string, ...values: readonly [string, ...string[]]): Flag => {
  return (r) => [name, r.oneIn(8) ? r.pick(TEXTS) : r.pick(values)];
};

const EVERYWHERE: Flags = [
  valued('-n', 'default', 'shop', 'kube-system'),
  flag('-v'),
  valued('--width', '40', '80', '1000', '39', '1e3'),
  valued('--color', 'always', 'auto', 'never'),
  flag('--no-color'),
  flag('-R'),
  valued('-f', 'topology.yaml', 'other.json', '-', '.', 'missing.yaml'),
];

const PACKET: Flags = [
  valued('-p', '80', '8080', 'http', '0', '65536'),
  valued('--protocol', 'tcp', 'udp', 'sctp', 'icmp'),
  valued('--size', '64', '1500', '1501', '65535'),
  valued('--over', 'network', 'ipc', 'volume'),
  valued('-H', 'Host: shop.example.com', 'X-Canary: always', 'a'),
  valued('--method', 'GET', 'POST'),
  flag('--all-paths'),
  flag('--reply'),
  flag('--with-dns'),
  flag('-4'),
  flag('-6'),
];

const CHECKS: Flags = [valued('--fail-on', 'error', 'warning', 'note', 'never'), valued('--undetermined', 'fail', 'warn', 'pass')];
const FINDINGS: Flags = [valued('--select', 'hairpin-off', 'firewall'), valued('--ignore', 'hairpin-off,device-down'), ...CHECKS];

function flagsFrom(r: Random, names: readonly string[], all: Flags): readonly string[] {
  return Array.from({ length: r.below(4) }, () => r.pick([...all, ...EVERYWHERE])(r, names)).flat();
}

/** One on standard output, or any number in files; now and then a file that cannot be written, or that is read. */
function outputs(r: Random, formats: readonly string[]): readonly string[] {
  const format = () => (r.oneIn(40) ? r.pick(TEXTS) : (r.some(formats) ?? ''));
  const all = Array.from({ length: r.below(3) }, (_, i) => ['-o', `${format()}=${r.oneIn(30) ? 'topology.yaml' : `out${i}`}`]);
  return [...all.flat(), ...(r.oneIn(8) ? [] : ['-o', format()])];
}

const EXPLAINED: readonly [string, ...string[]] = ['NO_ROUTE', 'hairpin-off', 'no-route', 'FILTER_DROP'];

/** A command line, of words that mean something with a few that do not. */
export function drawnCommand(r: Random, text: string): readonly string[] {
  const names = namesIn(text);
  const to = () => place(r, names);
  switch (r.below(16)) {
    default:
      return [...(r.oneIn(2) ? ['trace'] : []), to(), to(), ...flagsFrom(r, names, PACKET), ...outputs(r, FORMATS)];
    case 0:
    case 1:
    case 2:
      return ['check', ...flagsFrom(r, names, CHECKS), ...outputs(r, REPORT_FORMATS)];
    case 3:
    case 4:
      return ['validate', ...flagsFrom(r, names, FINDINGS), ...outputs(r, ['text', 'json'])];
    case 5:
    case 6: {
      const what = r.pick([[], ['node', to()], ['pod', to()], ['svc', to()], [`node/${r.some(names)}`, '--rules'], [to()]]);
      return ['show', ...what, ...flagsFrom(r, names, [flag('--rules')]), ...outputs(r, ['table', 'json', 'yaml'])];
    }
    case 7:
      return [
        'lab',
        ...r.pick<readonly string[]>([
          ['verify', to(), to()],
          ['verify', '--all'],
          ['up'],
          ['script'],
          ['down'],
          ['exec', to(), '--', 'ip'],
          [to()],
        ]),
      ];
    case 8:
      return [r.pick(['explain', 'schema', 'completion', 'help']), r.pick([...EXPLAINED, 'trace', 'topology', 'bash', 'zsh', ...TEXTS])];
    case 9:
      return [
        '__complete',
        ...r.pick<readonly string[]>([[to()], ['check', ''], [to(), to()], ['-o', ''], ['show', 'node', to()], ['trace', '--', to()]]),
      ];
    case 10:
      return ['__complete-bash', `k8s-trace ${to()} ${to()}`.slice(0, r.below(60)), ' \t\n"\'><=;|&(:'];
    case 11:
      return Array.from({ length: r.below(6) }, () =>
        r.oneIn(3) ? r.pick(TEXTS) : (r.some([to(), ...r.pick([...EVERYWHERE, ...PACKET, ...CHECKS])(r, names)]) ?? ''),
      );
  }
}
