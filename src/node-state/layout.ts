import { beforeCommand } from './command.ts';
import type { StateFile } from './recognise.ts';

/** Files of one --node-state. `node`: the node that it names for them; null: their paths name it. */
export interface StateFiles {
  readonly node: string | null;
  readonly files: readonly StateFile[];
}

/** Files, by the node whose state they have. */
export interface Placed {
  readonly byNode: ReadonlyMap<string, readonly StateFile[]>;
  /** Files whose paths name a node that the cluster does not have; by that name. */
  readonly strangers: ReadonlyMap<string, readonly StateFile[]>;
  /** Files whose paths name no node, where there are several nodes. */
  readonly homeless: readonly StateFile[];
}

/**
 * Gives each file to its node. `names`: every name of a node (its own, its host's, its address) with the node's own name. A folder of a
 * file's path counts first, then the beginning and the end of the file's name, the longest name first; a file that names no node is of the
 * only node.
 */
export function place({ node, files }: StateFiles, names: ReadonlyMap<string, string>): Placed {
  const byNode = new Map<string, StateFile[]>();
  const strangers = new Map<string, StateFile[]>();
  const homeless: StateFile[] = [];
  const longest = [...names.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const nodes = new Set(names.values());
  const hosts = hostsOf(files, names);
  const [only] = nodes;
  const add = (to: Map<string, StateFile[]>, name: string, file: StateFile) => to.set(name, [...(to.get(name) ?? []), file]);
  for (const file of files.filter((f) => !isBeside(f))) {
    if (node !== null) {
      const own = names.get(node) ?? names.get(withoutDomain(node, names) ?? '');
      if (own === undefined && names.size > 0) add(strangers, node, file);
      else add(byNode, own ?? node, file);
      continue;
    }
    const host = hostIn(file.path, hosts) ?? bundleOf(file.path)?.host ?? null;
    // A sosreport may have a label or the number of a case behind the name.
    const labelled = host === null || names.has(host) ? host : (longest.find((name) => host.startsWith(`${name}-`)) ?? host);
    const named = labelled ?? namedIn(file.path, longest, names);
    const own = named === null ? null : (names.get(named) ?? null);
    const folder = named ?? folderOf(file.path);
    if (own !== null) add(byNode, own, file);
    else if (folder !== null) add(strangers, folder, file);
    else if (nodes.size === 1 && only !== undefined) add(byNode, only, file);
    else homeless.push(file);
  }
  return { byNode, strangers, homeless };
}

/** The folder of a bundle that has the files of one machine, and the machine's name as far as the folder's own name has it. */
interface Bundle {
  readonly root: string;
  readonly host: string | null;
}

/** The folder of a sosreport or of Cilium's bugtool that a file is in; null: it is in neither. */
function bundleOf(path: string): Bundle | null {
  const [, sos] = /^(.*?)\/?sos_(?:commands|strings)\//.exec(path) ?? /^(.*?)\/?etc\/hostname$/.exec(path) ?? [];
  if (sos !== undefined) return { root: sos, host: /(?:^|\/)sosreport-(.+?)-\d{4}-\d\d-\d\d-\w+$/.exec(sos)?.[1] ?? null };
  const [, bugtool] = /^(.*\bbugtool\b.*?|.*)\/?cmd\/[^/]+$/.exec(path) ?? [];
  if (bugtool === undefined || !/\.(md|txt|json|err)$/.test(path)) return null;
  return { root: bugtool, host: /(?:^|\/)(?:cilium-)?bugtool-(cilium-[a-z0-9]+)-\d/.exec(bugtool)?.[1] ?? null };
}

/**
 * The names of machines by the folders that have their files: from the file `hostname` there, or in a bundle; in Cilium's bugtool also from
 * the line of the agent's status that is about its own node.
 */
function hostsOf(files: readonly StateFile[], names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const hosts = new Map<string, string>();
  for (const { path, text } of files) {
    const own = HOSTNAME.test(path) ? nameIn(text) : null;
    const status = own === null && STATUS.test(path) ? (/^\s*(?:\S+\/)?([\w.-]+) \(localhost\)/m.exec(text)?.[1] ?? null) : null;
    const name = own ?? status;
    const folder = bundleOf(path)?.root ?? path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    const [short = ''] = (name ?? '').split('.');
    // A name with a domain may be that of a node without one.
    if (name !== null && (own !== null || !hosts.has(folder))) hosts.set(folder, !names.has(name) && names.has(short) ? short : name);
  }
  return hosts;
}

const HOSTNAME = /(^|\/)hostname(\.md|\.txt)?$/;
const STATUS = /(^|\/)cmd\/cilium\S*status\S*\.(md|txt)$/;

const nameIn = (text: string): string | null =>
  text
    .split('\n')
    .find((line) => /^[\w][\w.-]*\r?$/.test(line))
    ?.trim() ?? null;

/** The name of the machine whose folder the file is in; of folders within folders the nearest counts. */
function hostIn(path: string, hosts: ReadonlyMap<string, string>): string | null {
  const root = bundleOf(path)?.root;
  if (root !== undefined) return hosts.get(root) ?? null;
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const host = hosts.get(path.slice(0, at));
    if (host !== undefined) return host;
  }
  return hosts.get('') ?? null;
}

/** The file names the machine and has no state: `hostsOf` has read it. */
const isBeside = ({ path }: StateFile): boolean => HOSTNAME.test(path) || STATUS.test(path);

/** The node that a folder of the path is called after, else the one that the file's name begins or ends with. */
function namedIn(path: string, longest: readonly string[], names: ReadonlyMap<string, string>): string | null {
  const folders = path.split('/');
  const file = folders.pop() ?? '';
  const folder = longest.find((name) => folders.includes(name));
  if (folder !== undefined) return folder;
  for (const one of folders) {
    const short = withoutDomain(one, names);
    if (short !== null) return short;
  }
  const begins = longest.find((name) => file.startsWith(name) && /^[.\-_]/.test(file.slice(name.length)));
  if (begins !== undefined) return begins;
  const bare = file.replace(/\.(gz|txt|md|log|out|json)$/g, '');
  return longest.find((name) => bare.endsWith(name) && /[.\-_]$/.test(bare.slice(0, -name.length))) ?? null;
}

/** `node-1` of `node-1.example.com`, as `uname -n` may have it, where that is a node and no other domain of its is known; null: it is none. */
function withoutDomain(text: string, names: ReadonlyMap<string, string>): string | null {
  const [short = ''] = text.split('.');
  const node = short === text ? undefined : names.get(short);
  const isElsewhere = [...names].some(([name, of]) => of === node && name.startsWith(`${short}.`));
  return node === undefined || isElsewhere ? null : short;
}

/** The folder or the beginning of a file's name that seems to name a node, where no node is called so; null: neither is there. */
function folderOf(path: string): string | null {
  const folders = path.split('/').filter((folder) => folder !== '');
  const file = folders.pop() ?? '';
  const [first] = folders;
  if (first !== undefined) return first;
  const prefix = beforeCommand(file);
  return prefix === '' ? null : prefix;
}
