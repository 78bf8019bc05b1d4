import type { Network } from '../k8s/compiled-network.ts';
import { FAMILIES, familyOf, formatAddress, type IpAddress, type IpFamily, isPrivate } from '../net/address.ts';
import { parsePlace } from '../query/place.ts';
import type { Question, Request } from '../query/question.ts';
import { resolveRequest } from '../query/request.ts';
import { fail, type Parsed } from '../query/result.ts';
import { didYouMean } from '../source/suggest.ts';
import { inDestinationOrder } from './destination-order.ts';
import { aboutEstablished } from './established.ts';
import { onlyGuessed } from './only-guessed.ts';

/**
 * The connections that a program would try, in their order: one for each IP family that both ends have. An address stands for its own
 * family only. Where the ends have none in common, the one question has an address that its source cannot call.
 */
export function resolveQuestion(network: Network, request: Request): Parsed<readonly Question[]> {
  const resolved = resolveFamilies(network, request);
  return resolved.ok && request.established === true ? aboutEstablished(network, request, resolved.value) : resolved;
}

function resolveFamilies(network: Network, request: Request): Parsed<readonly Question[]> {
  const clash = contradiction(request);
  if (clash !== null) return clash;
  const resolved = familiesFor(network, request).map((family) => resolveIn(network, request, family));
  const questions = resolved.flatMap((r) => (r.ok ? [r.value] : []));
  const own = questions.filter(hasSource);
  const foreign = questions.filter((q) => !hasSource(q));
  const usable = own.filter(isUsable);
  if (usable.length > 1 && usable[0]?.over === 'network') return { ok: true, value: asTried(network, usable) };
  const noWay = own[0] === undefined ? null : wrongEntry(network, own[0]);
  if (noWay !== null) return noWay;
  const answer = usable[0] ?? foreign.find(isUsable) ?? own.find((q) => q.target.missing !== 'family') ?? own[0] ?? foreign[0];
  if (answer !== undefined) return { ok: true, value: [answer] };
  const failed = resolved.find((r) => !r.ok);
  if (failed === undefined || failed.ok) throw new Error('a network has an IP family');
  return failed;
}

/** Packets of a source beyond come in by a device that there is. */
function wrongEntry({ datapath }: Network, { source }: Question) {
  const netns = datapath.netns(source.netns);
  if (netns === undefined || onlyGuessed(netns) !== null) return null;
  const devices = [...netns.devices.values()].filter((d) => d.kind !== 'loopback').map((d) => d.name);
  if (typeof source.enters !== 'string' || devices.includes(source.enters)) return null;
  const hint = didYouMean(source.enters, devices) ?? `devices: ${devices.slice(0, 10).join(', ')}`;
  return fail(`--in ${source.node}/${source.enters}: ${source.node} has no such device`, hint);
}

/** The family that is asked for, or that an address is of; else all that the cluster has. */
function familiesFor({ cluster }: Network, { destination, family }: Request): readonly IpFamily[] {
  const address = addressIn(destination);
  if (address !== null) return [familyOf(address)];
  return family === undefined ? cluster.families : [family];
}

function contradiction({ source, destination, family }: Request) {
  if (family === undefined) return null;
  for (const text of [source, destination]) {
    const address = addressIn(text);
    if (address !== null && familyOf(address) !== family)
      return fail(`--family ${family}: ${text} is ${familyOf(address)}`, 'leave --family out, or call it by its name');
  }
  return null;
}

/** The address that an end is named by, by itself or as the host of a URL. */
function addressIn(text: string): IpAddress | null {
  const [, host = text] = /^[a-z]+:\/\/(\[[^\]]*\]|[^:/?#]*)/i.exec(text) ?? [];
  const place = parsePlace(host);
  return place.ok ? place.value.address : null;
}

/** A name that has addresses of another family only lacks this one, and is not unknown. */
function resolveIn({ cluster }: Network, request: Request, family: IpFamily): Parsed<Question> {
  const question = resolveRequest(cluster, request, family);
  if (request.family === undefined || !question.ok || question.value.target.missing !== 'name') return question;
  for (const other of FAMILIES) {
    const there = other === family ? null : resolveRequest(cluster, request, other);
    if (there === null || !there.ok || there.value.target.missing !== null) continue;
    const { destination } = there.value;
    return { ok: true, value: { ...question.value, destination, target: { ...question.value.target, missing: 'family' } } };
  }
  return question;
}

const hasSource = ({ source, family }: Question): boolean => familyOf(source.ip) === family;

/** Is there an address to call, one that the caller's side of the gateway knows? */
function isUsable({ source, destination, target, family }: Question): boolean {
  if (target.missing !== null || target.addresses.some((a) => familyOf(a) !== family)) return false;
  return source.kind !== 'Host' || destination.kind !== 'service' || !target.addresses.every(isPrivate);
}

/** In the order of RFC 6724; where glibc has another one, the first question says so. */
function asTried({ datapath }: Network, questions: readonly Question[]): readonly Question[] {
  const [known] = questions;
  const netns = known === undefined ? undefined : datapath.netns(known.source.netns);
  if (netns === undefined) return questions;
  const addressesOf = ({ target }: Question) => target.addresses;
  const tried = inDestinationOrder(netns, questions, addressesOf, 'RFC 6724');
  const [first, ...others] = tried;
  const [byGlibc] = inDestinationOrder(netns, questions, addressesOf, 'glibc');
  const [called] = byGlibc?.target.addresses ?? [];
  if (first === undefined || first === byGlibc || called === undefined) return tried;
  const note = `glibc sorts addresses by a table of its own (gai.conf(5)), and programs that use it call ${formatAddress(called)} first; the order here is that of RFC 6724, 2.1`;
  return [{ ...first, target: { ...first.target, notes: [...first.target.notes, note] } }, ...others];
}
