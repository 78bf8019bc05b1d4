import { MAIN_TABLE } from '../datapath/fib.ts';
import type { FoundState } from '../datapath/found-state.ts';
import { areRulesFound } from '../k8s/found-on.ts';
import type { Node } from '../k8s/node.ts';
import { FAMILIES, type IpFamily } from '../net/address.ts';
import type { Edit } from '../source/edit.ts';
import { sentence, withCommands } from '../source/sentence.ts';
import type { Context } from './context.ts';
import type { Fix } from './remedy.ts';

/**
 * The fix for a node with found state: a change of the input, or of the collected text, changes nothing there. It has to be made on the
 * machine.
 */
export function onMachine(context: Context, fix: Fix): Fix {
  const { remedy, words } = fix;
  if (remedy.kind !== 'edit') return fix;
  const told = remedy.edits.map((edit) => overruled(context, edit));
  if (told.every((t) => t === 'not')) return fix;
  const commands = [...new Set(told.flatMap((t) => (t === 'not' || t === 'text' ? [] : [t])))];
  const done = commands.map(({ node, command }) => `on ${node}: ${command}`).join('; ');
  const isSaid = words.text.includes('; on the machine: ') || commands.length === 0;
  const isAll = told.every((t) => t !== 'not' && t !== 'text' && t.command !== null);
  const wins = `what was found on ${[...new Set(commands.map((c) => c.node))].join(' and ')} wins over the input`;
  const text = isSaid ? words.text : isAll ? `${done} (${wins})` : `${words.text}; ${wins}: it is done there`;
  const own = commands.flatMap(({ command }) => command ?? []);
  const said = isSaid ? { ...words, text } : isAll ? withCommands(text, ...own) : sentence(text);
  return { ...fix, words: said, remedy: { kind: 'advice', why: 'elsewhere' } };
}

interface OnNode {
  readonly node: string;
  /** Null: it is more than a command. */
  readonly command: string | null;
}

/**
 * The change on the machine in place of one of the input that found state overrules; `text`: the edit is one of the collected text itself.
 */
function overruled({ cluster }: Context, edit: Edit): OnNode | 'text' | 'not' {
  const { path, object } = edit.locus;
  // The lines of a text have no names.
  if (typeof path[0] === 'number') return 'text';
  const node = [...cluster.nodes.values()].find(({ locus }) => locus.document === edit.locus.document && isWithin(path, locus.path));
  if (node === undefined || node.found === null || object !== node.locus.object) return 'not';
  const [field, ...rest] = path.slice(node.locus.path.length);
  const value = 'value' in edit ? edit.value : null;
  if (typeof field !== 'string' || !decides(node, node.found, field, rest, value)) return 'not';
  return { node: node.name, command: value === null ? null : commandOf(field, rest, value) };
}

const isWithin = (path: Edit['locus']['path'], above: Edit['locus']['path']) => above.every((part, i) => path[i] === part);

const familyIn = (value: unknown): IpFamily => (/[\da-f]:[\da-f]*:/i.test(JSON.stringify(value)) ? 'IPv6' : 'IPv4');

/** Does the found state decide in place of the field? */
function decides(node: Node, found: FoundState, field: string, rest: readonly (string | number)[], value: unknown): boolean {
  const family = familyIn(value);
  switch (field) {
    case 'routes':
      return found.areAllTables[family] || found.routes[family].has(MAIN_TABLE);
    case 'sysctls':
      return found.sysctls.has(String(rest[0]));
    case 'devices':
      return found.links !== null;
    case 'addresses':
      return found.addresses[family] !== null;
    case 'rules':
      return found.rules[family] !== null;
    case 'neighbours':
      return found.neighbours !== null;
    case 'fdb':
      return found.fdb !== null;
    case 'firewall':
      return found.nft !== null || FAMILIES.some((f) => found.iptables[f].has('filter'));
    case 'kubeProxy':
      return areRulesFound(node, family);
    default:
      return false;
  }
}

/** Null: it is more than a command. */
function commandOf(field: string, [name, setting]: readonly (string | number)[], value: unknown): string | null {
  if (field === 'sysctls') return `sysctl -w ${name}=${value}`;
  if (field === 'routes' && isRecord(value)) return `ip ${familyIn(value) === 'IPv6' ? '-6 ' : ''}route add ${routeText(value)}`;
  if (field === 'addresses' && isRecord(value)) return `ip address add ${value['ip']} dev ${value['dev']}`;
  if (field !== 'devices') return null;
  if (setting === 'up') return `ip link set ${name} up`;
  if (setting === 'mtu') return `ip link set ${name} mtu ${value}`;
  return setting === 'hairpin' && value === true ? `bridge link set dev ${name} hairpin on` : null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const routeText = ({ to, ...route }: Readonly<Record<string, unknown>>): string =>
  [to, ...['via', 'dev', 'table'].flatMap((key) => (key in route ? [`${key} ${route[key]}`] : []))].join(' ');
