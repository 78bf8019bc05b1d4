import type { Datapath } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Expectation } from '../k8s/expectation.ts';
import { key } from '../k8s/pod.ts';
import type { Question, Request } from '../query/question.ts';
import { type Chosen, expand } from '../query/selection.ts';
import { type Diagnostic, diagnosticAt, type Result } from '../source/diagnostic.ts';
import type { Locus } from '../source/origin.ts';
import { withGuest } from '../trace/outside-source.ts';
import { resolveQuestion } from '../trace/resolve-question.ts';

interface Network {
  readonly cluster: Cluster;
  readonly datapath: Datapath;
}

/** One question that an expectation asks, and of which network: a source that nobody described is a guest in it. */
export interface Pair {
  readonly network: Network;
  readonly expectation: Expectation;
  readonly request: Request;
  readonly question: Question;
}

/** More questions than this are a wildcard that nobody meant. */
const MOST_PAIRS = 200_000;

/** All questions of all expectations; or everything that is wrong with them. */
export function pairsOf(network: Network, expectations: readonly Expectation[], namespace: string): Result<readonly Pair[]> {
  const diagnostics: Diagnostic[] = [];
  const pairs: Pair[] = [];
  // A network with a guest is compiled anew.
  const known = new Map<string, Network>();
  const seenFrom = (source: string): Network => {
    const asked = known.get(source) ?? withGuest(network, { source, destination: '', namespace });
    known.set(source, asked);
    return asked;
  };
  for (const expectation of expectations) {
    const found = pairsOfOne(network.cluster, seenFrom, expectation, namespace);
    if (Array.isArray(found)) for (const pair of found) pairs.push(pair);
    else diagnostics.push(...found.diagnostics);
  }
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, value: pairs, warnings: [] };
}

interface Failed {
  readonly diagnostics: readonly Diagnostic[];
}

interface Words {
  readonly message: string;
  readonly hint: string | null;
}

const bad = ({ document, path }: Locus, { message, hint }: Words): Failed => ({
  diagnostics: [diagnosticAt(document, path, { code: 'bad-expectation', message, hint })],
});

function pairsOfOne(cluster: Cluster, seenFrom: (source: string) => Network, expectation: Expectation, namespace: string): Pair[] | Failed {
  const from = expand(cluster, expectation.from, namespace, expectation);
  const to = expand(cluster, expectation.to, namespace, expectation);
  if (!from.ok || !to.ok) return { diagnostics: [from, to].flatMap((end) => (end.ok ? [] : bad(end.locus, end).diagnostics)) };
  const count = from.value.length * to.value.length;
  if (count > MOST_PAIRS)
    return bad(expectation.locus, {
      message: `this stands for ${count} connections, and ${MOST_PAIRS} are the most`,
      hint: 'name fewer, by label or namespace',
    });
  const pairs: Pair[] = [];
  for (const source of from.value) {
    const asked = seenFrom(source.name);
    for (const destination of to.value) {
      const request = requestOf(expectation, source, destination, namespace);
      const question = resolveQuestion(asked, request);
      if (!question.ok) return bad(culprit(asked, source, destination, namespace), inTheFile(question));
      const many = source.oneOfMany || destination.oneOfMany;
      if (!(many && isItself(question.value.question))) pairs.push({ expectation, request, ...question.value });
    }
  }
  return pairs.length > 0 ? pairs : bad(expectation.locus, { message: 'this stands for no connection at all', hint: null });
}

function requestOf({ port, protocol }: Expectation, source: Chosen, destination: Chosen, namespace: string): Request {
  return {
    source: source.name,
    destination: destination.name,
    namespace,
    ...(port === null ? {} : { port }),
    ...(protocol === null ? {} : { protocol }),
  };
}

/** A question's words are the command line's; here its flags are fields. */
const inTheFile = ({ message, hint }: Words): Words => ({ message: asField(message), hint: hint === null ? null : asField(hint) });

const asField = (text: string): string => text.replace(/--(port|protocol)\b/g, '$1');

const isItself = ({ source, destination }: Question): boolean =>
  source.kind === 'Pod' && destination.kind === 'pod' && key(destination.pod) === `${source.namespace}/${source.name}`;

/** The end that is at fault: a source that can call itself by ICMP is none. */
function culprit(network: Network, source: Chosen, destination: Chosen, namespace: string): Locus {
  const alone = resolveQuestion(network, { source: source.name, destination: '127.0.0.1', protocol: 'icmp', namespace });
  return alone.ok ? destination.locus : source.locus;
}
