import { type Format, RIGHT } from './format.ts';

/** The output of a command line. */
export type Printed =
  | { readonly is: 'state'; readonly format: Format }
  /** It leaves too much out; `right`: the command that prints all of it. */
  | { readonly is: 'wrong'; readonly right: string }
  /** Of another network namespace than the node's own. */
  | { readonly is: 'foreign' }
  /** No reader is for it, though it is of one of these programs. */
  | { readonly is: 'other' };

const PROGRAM = /^(?:\S*\/)?(ip6?tables|nft|ipset|ipvsadm|conntrack|sysctl|ss|bridge|ip|route|netstat|ifconfig)\b/;

/** Does the text begin with a program that prints node state, in whichever form? */
export const isCommand = (text: string): boolean => PROGRAM.test(text);

/** The output of a command line; null: its program is none of these. */
export function printedBy(command: string): Printed | null {
  const words = command.replace(/^(sudo|nsenter|chroot \S+)\s+/, '').split(/\s+/);
  const program = (words[0] ?? '').replace(/^.*\//, '');
  const rest = words.slice(1);
  if (/^ip6?tables(-nft|-legacy)?-save$|^xtables-save$/.test(program)) return { is: 'state', format: 'iptables' };
  if (/^ip6?tables(-nft|-legacy)?$/.test(program)) return iptables(program, rest);
  switch (program) {
    case 'nft':
      return nft(rest);
    case 'ip':
      return ip(rest);
    case 'bridge':
      return rest.includes('fdb')
        ? { is: 'state', format: 'fdb' }
        : rest.includes('link')
          ? { is: 'state', format: 'ip' }
          : { is: 'other' };
    case 'ipset':
      // Names alone, or sets without their elements.
      return rest.some((w) => /^-[nt]$|^--?(name|terse)$/.test(w)) ? { is: 'wrong', right: RIGHT.ipset } : { is: 'state', format: 'ipset' };
    case 'ipvsadm':
      return { is: 'state', format: 'ipvs' };
    case 'conntrack':
      return { is: 'state', format: 'conntrack' };
    case 'sysctl':
      return { is: 'state', format: 'sysctl' };
    case 'ss':
      return { is: 'state', format: 'sockets' };
    case 'route':
    case 'ifconfig':
      return { is: 'state', format: 'ip' };
    case 'netstat':
      return { is: 'state', format: rest.some((w) => /^-\w*r/.test(w)) ? 'ip' : 'sockets' };
    default:
      return null;
  }
}

function iptables(program: string, rest: readonly string[]): Printed {
  if (rest.some((w) => /^-\w*S$|^--list-rules$/.test(w))) return { is: 'state', format: 'iptables' };
  if (rest.some((w) => /^-\w*L\w*$|^--list$/.test(w))) return { is: 'wrong', right: `${program}-save` };
  return { is: 'other' };
}

function nft(rest: readonly string[]): Printed {
  const [verb, what] = rest.filter((w) => !w.startsWith('-'));
  if (verb !== 'list') return { is: 'other' };
  return what === undefined || what === 'ruleset' || what === 'table' ? { is: 'state', format: 'nft' } : { is: 'wrong', right: RIGHT.nft };
}

/** The objects of ip that are read, each down to its shortest abbreviation. Source: ip(8) and ip.c, which takes the first that fits. */
const READ = /^(a(d(dr?(e(ss?)?)?)?)?|l(i(nk?)?)?|r(o(u(te?)?)?)?|ru(le?)?|n(e(i(gh?(b(o(ur)?r?)?)?)?)?)?)[46]?$/;

function ip(rest: readonly string[]): Printed {
  if (rest.some((w) => /^-n(etns)?$/.test(w))) return { is: 'foreign' };
  const [object = '', verb] = rest.filter((w) => !w.startsWith('-'));
  if (object === 'netns') return verb === 'exec' ? { is: 'foreign' } : { is: 'wrong', right: RIGHT.ip };
  return READ.test(object) && verb !== 'get' && !rest.includes('cache') ? { is: 'state', format: 'ip' } : { is: 'other' };
}

/** The family of a command's output; null: the command does not say it. */
export function familyOfCommand(command: string | null): 'IPv4' | 'IPv6' | null {
  if (command === null) return null;
  if (/^(\S*\/)?ip6tables|\s-6\b|-f(amily)? inet6\b|\b(route|neigh|rule)6\b|\s-A inet6\b/.test(command)) return 'IPv6';
  if (/^(\S*\/)?iptables|\s-4\b|-f(amily)? inet\b|^(\S*\/)?ip\b.*\s(r|ro\w*|ru\w*)[4]?(\s|$)|^route\b/.test(command)) return 'IPv4';
  return null;
}

/**
 * The command in a file's name, as bundles name files: `ip_-6_route_show_table_all`, `iptables-save--c.md`, `ip-route6.log`; null: the name
 * has none.
 */
export function commandOfName(name: string): string | null {
  const base = name.replace(/(\.(gz|txt|md|log|out|json|rules|save|v[46]))+$/i, '');
  for (const { 1: program = '', index } of base.matchAll(NAMED)) {
    const command = commandFrom(program, base.slice(base.indexOf(program, index) + program.length));
    if (command !== null) return command;
  }
  return null;
}

/** The part of a file's name before the command in it; null: the name has no command. */
export function beforeCommand(name: string): string | null {
  for (const { 1: program = '', index } of name.matchAll(NAMED)) {
    const start = name.indexOf(program, index);
    if (commandOfName(name.slice(start)) !== null) return name.slice(0, start).replace(/[-_. ]$/, '');
  }
  return null;
}

/** Null: the name is a machine's, as ip-10-0-0-1. */
function commandFrom(program: string, rest: string): string | null {
  const words = rest
    .slice(1)
    .replace(/\b(address|link|route|neigh|rule)([46])\b/i, '-$2 $1')
    .replace(/[_.]/g, ' ')
    .replace(/-(?=-)/g, ' ')
    .replace(/(?<=\S)-/g, ' ')
    .trim();
  const plain = program
    .toLowerCase()
    .replace(/^(ip6?table)s?((-nft|-legacy)?)[-_]?save$/, '$1s$2-save')
    .replace('nftables', 'nft');
  const command = `${plain}${words === '' ? '' : ` ${words}`}`;
  if (command === 'nft') return RIGHT.nft;
  return plain === 'ip' && printedBy(command)?.is === 'other' ? null : command;
}

const NAMED =
  /(?:^|[-_. ])(ip6?tables(?:-nft|-legacy)?(?:[-_]?save)?|ip6?tablesave|nft(?:ables)?|ipset|ipvsadm|conntrack|sysctl|ss|bridge|ip|route|netstat|ifconfig)(?=$|[-_. ])/gi;
