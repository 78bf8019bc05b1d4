import type { Cluster } from '../k8s/cluster.ts';
import { labelSelectorMatches } from '../k8s/label-selector.ts';
import { isThere, type Pod } from '../k8s/pod.ts';
import type { Service } from '../k8s/service.ts';
import { familyOf } from '../net/address.ts';
import { contains, hostPrefix, type Prefix, parseCidr, prefixOf } from '../net/prefix.ts';
import { find } from '../query/find.ts';
import type { Found } from '../query/found.ts';
import { parsePlace } from '../query/place.ts';
import { fail, type Parsed } from '../query/result.ts';
import { shortWord, WORKLOAD_KINDS } from '../query/workload.ts';
import { didYouMean, nearestLabels, orList, pairsOf } from '../source/suggest.ts';
import type { Chosen } from './groups.ts';
import { isSelector, readSelector } from './label-words.ts';
import type { OutsidePart } from './outside.ts';

/** Where names are looked for. */
export interface Place {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** The words and labels stand for what is in this namespace; null: in all. */
  readonly within: string | null;
  readonly parts: readonly OutsidePart[];
}

type Role = 'source' | 'either';

/** The ends that the words of a flag stand for. A word that stands for nothing is an error, unless nobody wrote it. */
export function select(place: Place, texts: readonly string[], role: Role, unwritten: boolean): Parsed<readonly Chosen[]> {
  const all: Chosen[] = [];
  for (const text of texts.flatMap(wordsOf)) {
    const chosen = selectOne(place, text, role);
    if (chosen.ok) for (const one of chosen.value) all.push(one);
    else if (!unwritten) return { ...chosen, message: `--${role === 'source' ? 'from' : 'to'} ${about(text, chosen.message)}` };
  }
  return { ok: true, value: all };
}

const about = (text: string, message: string): string => (message.startsWith(text) || text === '' ? message : `${text}: ${message}`);

/** Commas separate names, and stand between the requirements of one selector, as kubectl's -l has them. */
function wordsOf(text: string): readonly string[] {
  const parts = text.split(/,(?![^(]*\))/).map((part) => part.trim());
  const words: string[] = [];
  for (const part of parts) {
    const before = words.at(-1);
    if (before !== undefined && isSelector(before) && isSelector(part)) words[words.length - 1] = `${before},${part}`;
    else words.push(part);
  }
  return words;
}

/** The addresses and prefixes among the words: what is outside is cut at them. */
export const cidrsIn = (texts: readonly string[]): readonly Prefix[] =>
  texts.flatMap(wordsOf).flatMap((word) => {
    const parsed = parseCidr(word);
    if (parsed !== null) return [prefixOf(parsed.address, parsed.length)];
    const place = isSelector(word) ? null : parsePlace(word);
    return place?.ok === true && place.value.address !== null ? [hostPrefix(place.value.address)] : [];
  });

function selectOne(place: Place, text: string, role: Role): Parsed<readonly Chosen[]> {
  if (text === '') return fail('"": a name is missing', 'names are separated by single commas');
  const byWord = wordChosen(place, text, role);
  if (byWord !== null) return byWord;
  if (isSelector(text)) return byLabels(place, text);
  const [kind = '', name, more] = text.split('/');
  if (/^(ns|namespaces?)$/i.test(kind) && name !== undefined && more === undefined) return inNamespace(place.cluster, name, text);
  const cidr = parseCidr(text);
  if (cidr !== null) return byPrefix(place, prefixOf(cidr.address, cidr.length), text, role);
  return byName(place, text, role);
}

const podsThere = ({ pods }: Cluster): readonly Pod[] => [...pods.values()].filter(isThere);

const asPods = (pods: readonly Pod[]): readonly Chosen[] => pods.map((pod) => ({ kind: 'pod', pod }));

/** Null: no such word. */
function wordChosen({ cluster, within, parts }: Place, text: string, role: Role): Parsed<readonly Chosen[]> | null {
  const isHere = (o: Pod | Service) => within === null || o.namespace === within;
  const where = within === null ? 'the input' : `namespace ${within}`;
  switch (text) {
    case 'workloads':
      return some(asPods(podsThere(cluster).filter(isHere)), `workloads: no pod is there in ${where}`);
    case 'services': {
      if (role === 'source') return notSending('services');
      const services = [...cluster.services.values()].filter((s) => isHere(s) && s.externalName === null);
      return some(
        services.map((service) => ({ kind: 'service', service })),
        `services: ${where} has none`,
      );
    }
    case 'nodes':
      return some(
        [...cluster.nodes.values()].map((node) => ({ kind: 'node', node })),
        'nodes: the input has none',
      );
    case 'internet':
      return internet(cluster, parts, role);
    default:
      return null;
  }
}

const notSending = (text: string) => fail(`${text}: services do not send`, 'name the workloads behind them, as deploy/web');

const some = (chosen: readonly Chosen[], message: string): Parsed<readonly Chosen[]> =>
  chosen.length === 0 ? fail(message) : { ok: true, value: chosen };

/** All parts of what is outside, or those from which packets come. */
function internet(cluster: Cluster, parts: readonly OutsidePart[], role: Role): Parsed<readonly Chosen[]> {
  const chosen = parts.filter((p) => role === 'either' || p.sends);
  if (chosen.length > 0) return { ok: true, value: chosen.map((part) => ({ kind: 'outside', part })) };
  const place = parsePlace('internet');
  const found = place.ok ? find(cluster, place.value, 'default', role) : place;
  return found.ok ? fail('internet: the way out has no address of this family') : found;
}

function byLabels({ cluster, within }: Place, text: string): Parsed<readonly Chosen[]> {
  const selector = readSelector(text);
  if (!selector.ok) return selector;
  const there = podsThere(cluster).filter((p) => within === null || p.namespace === within);
  const pods = there.filter((p) => labelSelectorMatches(selector.value, p.labels));
  if (pods.length > 0) return { ok: true, value: asPods(pods) };
  const wanted = new Map([
    ...selector.value.matchLabels,
    ...selector.value.matchExpressions.map((e) => [e.key, e.values[0] ?? ''] as const),
  ]);
  const labels = there.map((p) => p.labels);
  const known = [...new Set(labels.flatMap(pairsOf))];
  const near = nearestLabels(wanted, labels);
  const like = didYouMean(text, known) ?? (near.length > 0 ? `did you mean ${orList(near)}?` : null);
  const hint = like ?? (known.length === 0 ? null : `labels of pods: ${known.slice(0, 8).join(', ')}`);
  return fail(`${text}: no pod ${within === null ? '' : `in namespace ${within} `}has these labels`, hint);
}

function inNamespace(cluster: Cluster, name: string, text: string): Parsed<readonly Chosen[]> {
  const pods = podsThere(cluster).filter((p) => p.namespace === name);
  if (pods.length > 0) return { ok: true, value: asPods(pods) };
  const names = new Set(podsThere(cluster).map((p) => p.namespace));
  return fail(
    `${text}: no pod is there in a namespace ${name}`,
    didYouMean(name, names) ?? `namespaces with pods: ${[...names].sort().join(', ')}`,
  );
}

/** Pods and nodes with such an address, and what is outside. */
function byPrefix({ cluster, parts }: Place, prefix: Prefix, text: string, role: Role): Parsed<readonly Chosen[]> {
  const pods = podsThere(cluster).filter((p) => !p.hostNetwork && p.ips.some((i) => isIn(prefix, i.address)));
  const nodes = [...cluster.nodes.values()].filter((n) => n.addresses.some((a) => a.type !== 'Hostname' && isIn(prefix, a.address)));
  const outside = partsIn(parts, prefix, role);
  return some(
    [...asPods(pods), ...nodes.map((node) => ({ kind: 'node', node }) as const), ...outside],
    `${text}: nobody has an address of it${role === 'source' ? ' and could send' : ''}`,
  );
}

const isIn = (prefix: Prefix, address: Prefix['address']): boolean =>
  familyOf(prefix.address) === familyOf(address) && contains(prefix, address);

const partsIn = (parts: readonly OutsidePart[], prefix: Prefix, role: Role): readonly Chosen[] =>
  parts.filter((p) => (role === 'either' || p.sends) && isIn(prefix, p.address)).map((part) => ({ kind: 'outside', part }));

/** As a trace finds it. */
function byName(place: Place, text: string, role: Role): Parsed<readonly Chosen[]> {
  const parsed = parsePlace(text);
  if (!parsed.ok) return parsed;
  const { value: name } = parsed;
  if (name.port !== null || name.protocol !== null)
    return fail(`${text}: a port is asked of all that are called, by -p`, `-p ${name.port ?? name.protocol}`);
  if (name.container !== null)
    return fail(`${text}: the containers of a pod have one network`, `name the pod: ${text.slice(text.indexOf('@') + 1)}`);
  const found = find(place.cluster, name, place.namespace, role);
  if (!found.ok) return { ...found, hint: workloadsNamed(place, name.name, name.namespace ?? place.namespace) ?? found.hint };
  return chosenOf(place, found.value, text, role);
}

/** A trace asks for the kind of a workload. */
function workloadsNamed({ cluster }: Place, name: string, namespace: string): string | null {
  const owners = podsThere(cluster).flatMap((p) => (p.namespace === namespace && p.owner?.name === name ? [p.owner.kind] : []));
  const words = WORKLOAD_KINDS.filter((kind) => owners.includes(kind)).map((kind) => `${shortWord(kind)}/${name}`);
  return words.length === 0 ? null : `did you mean ${orList(words)}?`;
}

function chosenOf(place: Place, found: Found, text: string, role: Role): Parsed<readonly Chosen[]> {
  switch (found.kind) {
    case 'pod':
      return isThere(found.pod) ? { ok: true, value: [found] } : fail(`${text}: the pod is ${found.pod.phase}, and has no network`);
    case 'workload':
      return some(asPods(found.workload.pods.filter(isThere)), `${text}: none of its pods has a network`);
    case 'node':
      return { ok: true, value: [found] };
    case 'service':
      if (role === 'source') return notSending(text);
      return found.service.externalName === null
        ? { ok: true, value: [found] }
        : fail(`${text} is another name for ${found.service.externalName.name}, and has no address of its own`);
    case 'host':
      return some(
        found.host.ips.flatMap((a) => partsIn(place.parts, hostPrefix(a), role)),
        `${text}: the way out has no address of this family`,
      );
    case 'address':
      if (found.owner !== null && found.owner.kind !== 'host') return chosenOf(place, found.owner, text, role);
      return byPrefix(place, hostPrefix(found.address), text, role);
    case 'name':
    case 'url':
      return fail(`${text}: no end of a matrix`, 'name a workload, a pod, a service, a node or an address');
  }
}
