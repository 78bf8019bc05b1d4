import type { Network } from '../k8s/compiled-network.ts';
import type { Expectation, Selection } from '../k8s/expectation.ts';
import { key } from '../k8s/pod.ts';
import { formatAddress, type IpFamily, LOOPBACK } from '../net/address.ts';
import type { Question, Request } from '../query/question.ts';
import { type Chosen, eachPod, expand } from '../query/selection.ts';
import { isUrl } from '../query/url.ts';
import type { Locus } from '../source/origin.ts';
import { resolveQuestion } from '../trace/resolve-question.ts';

/** One connection that an expectation is about. */
export interface Pair {
  readonly expectation: Expectation;
  readonly request: Request;
  readonly question: Question;
  /** Those that the expectation asks of these two ends, one connection each, in the order in which a program tries them. */
  readonly families: readonly IpFamily[];
}

/** More source-destination pairs than these are a wildcard by mistake. */
const MOST_PAIRS = 200_000;

/** Something expected that cannot be asked: of a whole expectation, or of one pair of its ends. */
export interface Unasked {
  readonly expectation: Expectation;
  /** As they are written. */
  readonly from: string;
  readonly to: string;
  readonly message: string;
  readonly hint: string | null;
  /** Where that is to be seen. */
  readonly locus: Locus;
}

/** All connections of all expectations, in their order, and what cannot be asked of them in its place. */
export function pairsOf(network: Network, expectations: readonly Expectation[], namespace: string): readonly (Pair | Unasked)[] {
  return expectations.flatMap((expectation) => [...pairsOfOne(network, expectation, namespace)]);
}

interface Words {
  readonly message: string;
  readonly hint: string | null;
}

/** An expectation that cannot be asked as a whole. */
export const unasked = (expectation: Expectation, locus: Locus, { message, hint }: Words): Unasked => ({
  expectation,
  from: selectionText(expectation.from),
  to: selectionText(expectation.to),
  message,
  hint,
  locus,
});

function selectionText({ names, labels }: Selection): string {
  return labels === null ? names.map((n) => n.text).join(', ') : [...labels].map(([name, value]) => `${name}=${value}`).join(',');
}

function pairsOfOne(network: Network, expectation: Expectation, namespace: string): readonly (Pair | Unasked)[] {
  const { cluster } = network;
  const from = eachPod(cluster, expand(cluster, expectation.from, namespace, expectation), namespace);
  const to = expand(cluster, expectation.to, namespace, expectation);
  if (!from.ok || !to.ok) return [from, to].flatMap((end) => (end.ok ? [] : [unasked(expectation, end.locus, end)]));
  if (expectation.redirects === 'stay' && !to.value.some(({ name }) => isUrl(name)))
    return [unasked(expectation, expectation.to.locus, NO_URL)];
  const count = from.value.length * to.value.length;
  if (count > MOST_PAIRS)
    return [
      unasked(expectation, expectation.locus, {
        message: `this stands for ${count} connections, and ${MOST_PAIRS} are the most`,
        hint: 'name fewer, by label or namespace',
      }),
    ];
  const found: (Pair | Unasked)[] = [];
  const told = new Set<string>();
  for (const source of from.value)
    for (const destination of to.value)
      for (const one of pairOf(network, expectation, source, destination, namespace)) {
        // A fault of one end is there with each other end.
        const words = 'question' in one ? null : JSON.stringify([one.locus.path, one.message]);
        if (words !== null && told.has(words)) continue;
        if (words !== null) told.add(words);
        found.push(one);
      }
  return found.length > 0
    ? found
    : [unasked(expectation, expectation.locus, { message: 'this stands for no connection at all', hint: null })];
}

function pairOf(
  network: Network,
  expectation: Expectation,
  source: Chosen,
  destination: Chosen,
  namespace: string,
): readonly (Pair | Unasked)[] {
  const request = requestOf(expectation, source, destination, namespace);
  const questions = resolveQuestion(network, request);
  const failed = (words: Words, locus: Locus) => [{ expectation, from: source.name, to: destination.name, locus, ...inTheFile(words) }];
  if (!questions.ok) return failed(questions, culprit(network, request, source, destination));
  const isOneOfMany = source.oneOfMany || destination.oneOfMany;
  const asked = questions.value.filter((question) => !(isOneOfMany && isItself(question)));
  if (asked.some((q) => q.target.pinged === true)) return failed(withoutPort(destination), destination.locus);
  const families = questions.value.map((q) => q.family);
  return asked.map((question) => ({ expectation, request, question, families }));
}

const NO_URL: Words = { message: 'redirects: stay is about a URL, and to names none', hint: 'leave redirects out' };

/** The kernel answers a ping, whatever the pod's processes do. */
const withoutPort = ({ name }: Chosen): Words => ({
  message: `${name} states no port, and to ping it says nothing of its processes`,
  hint: 'name a port, as port: 80, or ping it, with protocol: icmp',
});

function requestOf(expectation: Expectation, source: Chosen, destination: Chosen, namespace: string): Request {
  const { port, protocol, family } = expectation;
  return {
    source: source.name,
    destination: destination.name,
    namespace,
    ...(port === null ? {} : { port }),
    ...(protocol === null ? {} : { protocol }),
    ...(family === null ? {} : { family }),
    ...(mayBeDelivered(expectation) ? {} : { walkClosed: true }),
  };
}

/** A port that is expected to be closed is no mistake. */
const mayBeDelivered = ({ outcomes, reasons }: Expectation): boolean =>
  outcomes.length === 0 ? reasons.length === 0 : outcomes.includes('delivered');

/** A question's words are the command line's; here its flags are fields. */
const inTheFile = ({ message, hint }: Words): Words => ({ message: asField(message), hint: hint === null ? null : asField(hint) });

const asField = (text: string): string => text.replace(/--(port|protocol|family)\b/g, '$1');

const isItself = ({ source, destination }: Question): boolean =>
  source.kind === 'Pod' && destination.kind === 'pod' && key(destination.pod) === `${source.namespace}/${source.name}`;

/** The end that is at fault: a source that can call itself by ICMP is none. */
function culprit(network: Network, request: Request, source: Chosen, destination: Chosen): Locus {
  const { port: _, ...rest } = request;
  const itself = formatAddress(LOOPBACK[request.family ?? 'IPv4']);
  const alone = resolveQuestion(network, { ...rest, destination: itself, protocol: 'icmp' });
  return alone.ok ? destination.locus : source.locus;
}
