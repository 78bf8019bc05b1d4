import type { Network } from '../k8s/compiled-network.ts';
import type { Expectation } from '../k8s/expectation.ts';
import { key } from '../k8s/pod.ts';
import { formatAddress, type IpFamily, LOOPBACK } from '../net/address.ts';
import type { Question, Request } from '../query/question.ts';
import { type Chosen, expand } from '../query/selection.ts';
import { type Diagnostic, diagnosticAt, type Result } from '../source/diagnostic.ts';
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

/** All connections of all expectations; or everything that is wrong with them. */
export function pairsOf(network: Network, expectations: readonly Expectation[], namespace: string): Result<readonly Pair[]> {
  const diagnostics: Diagnostic[] = [];
  const pairs: Pair[] = [];
  for (const expectation of expectations) {
    const found = pairsOfOne(network, expectation, namespace);
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

function pairsOfOne(network: Network, expectation: Expectation, namespace: string): Pair[] | Failed {
  const { cluster } = network;
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
  for (const source of from.value)
    for (const destination of to.value) {
      const request = requestOf(expectation, source, destination, namespace);
      const questions = resolveQuestion(network, request);
      if (!questions.ok) return bad(culprit(network, request, source, destination), inTheFile(questions));
      const many = source.oneOfMany || destination.oneOfMany;
      const families = questions.value.map((q) => q.family);
      for (const question of questions.value) if (!(many && isItself(question))) pairs.push({ expectation, request, question, families });
    }
  return pairs.length > 0 ? pairs : bad(expectation.locus, { message: 'this stands for no connection at all', hint: null });
}

function requestOf({ port, protocol, family }: Expectation, source: Chosen, destination: Chosen, namespace: string): Request {
  return {
    source: source.name,
    destination: destination.name,
    namespace,
    ...(port === null ? {} : { port }),
    ...(protocol === null ? {} : { protocol }),
    ...(family === null ? {} : { family }),
  };
}

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
