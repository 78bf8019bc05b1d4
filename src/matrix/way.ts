import type { PolicyDirection } from '../datapath/policy-point.ts';
import type { Network } from '../k8s/compiled-network.ts';
import { key } from '../k8s/pod.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Question } from '../query/question.ts';
import type { Target } from '../query/target.ts';
import { type Asked, verdict } from '../trace/verdict.ts';
import type { Answer, Answers } from './answers.ts';
import { questionOf, sourceOf } from './asked-by-trace.ts';
import type { End } from './question.ts';
import { ALLOW, type Saying, type Scripted } from './script.ts';

/** A call as it is made between two ends that stand for others. */
export interface Call {
  readonly caller: End;
  readonly callee: End;
  readonly target: Target;
  readonly family: IpFamily;
}

/** The way of a connection, apart from what policies say on it. */
export interface Way {
  /** Do policies ask who calls and who is called, and nothing else? Null: each two ends have to be asked about by themselves. */
  readonly asks: Asks | null;
  /** Null: somebody else is asked about on the way of a refusal, so that these two ends have to be asked about by themselves. */
  answer(egress: Saying, ingress: Saying): Answer | null;
}

export interface Asks {
  readonly egress: boolean;
  readonly ingress: boolean;
  /** As a PolicyPacket has it: may the caller's address stand for somebody else? */
  readonly fromWorld: boolean | null;
}

const NOBODY: Asks = { egress: false, ingress: false, fromWorld: false };

export function questionOfCall({ cluster }: Network, { caller, callee, target, family }: Call): Question {
  const source = sourceOf(cluster, caller, family);
  if (source === null) throw new Error('who is counted has an address');
  return questionOf(cluster, source, callee, target, family);
}

/** Null: nobody enforces policies. */
export function wayOf(network: Network, script: Scripted | null, answers: Answers, call: Call): Way {
  if (script === null) {
    const answer = answers.ask(network, questionOfCall(network, call));
    return { asks: NOBODY, answer: () => answer };
  }
  script.tell(ALLOW, ALLOW);
  const question = questionOfCall(script.network, call);
  const { paths } = verdict(script.network, question, 'recorded');
  const asked = paths.flatMap((p) => p.asked);
  const isEgressFirst = paths.every((p) => isInOrder(p.asked));
  const known = new Map<number, Answer | null>();
  return {
    asks: asksOf(asked, call, question),
    answer(egress, into) {
      const ingress = isEgressFirst && isDenied(egress) ? ALLOW : into;
      const number = egress * 4 + ingress;
      const found = known.has(number) ? (known.get(number) ?? null) : told(script, answers, question, egress, ingress);
      known.set(number, found);
      return found;
    },
  };
}

const isDenied = (saying: Saying): boolean => saying === 1 || saying === 2;

/** What is not let out is not asked about where it would come in. */
const isInOrder = (asked: readonly Asked[]): boolean =>
  asked.every(({ point }, i) => point.direction === 'ingress' || asked.slice(0, i).every((before) => before.point.direction === 'egress'));

function told(script: Scripted, answers: Answers, question: Question, egress: Saying, ingress: Saying): Answer | null {
  script.tell(egress, ingress);
  const answer = answers.ask(script.network, question);
  const ends = [question.source.ip, ...question.target.addresses];
  return [...script.asked].every((address) => ends.includes(address)) ? answer : null;
}

/** Null: something else is seen by the policies than the two ends as they are called. */
function asksOf(asked: readonly Asked[], { caller, callee, target }: Call, { source }: Question): Asks | null {
  const [destination, other] = target.addresses;
  if (destination === undefined || other !== undefined) return asked.length === 0 ? NOBODY : null;
  const out = asked.filter(({ point }) => point.direction === 'egress');
  const into = asked.filter(({ point }) => point.direction === 'ingress');
  const isPlain = asked.every(
    (a) =>
      isOf(a, caller, callee) &&
      isSeen(a, source.ip, destination) &&
      a.packet.destinationPort === target.port &&
      a.packet.calledPort === null,
  );
  const worlds = new Set(into.map((a) => a.packet.fromWorld));
  if (!isPlain || worlds.size > 1 || worlds.has(true)) return null;
  const [fromWorld = false] = worlds;
  return { egress: out.length > 0, ingress: into.length > 0, fromWorld };
}

function isOf({ point }: Asked, caller: End, callee: End): boolean {
  const asked: Readonly<Record<PolicyDirection, End>> = { egress: caller, ingress: callee };
  const end = asked[point.direction];
  return end.kind === 'pod' && point.pod === key(end.pod);
}

const isSeen = ({ packet }: Asked, source: IpAddress, destination: IpAddress): boolean =>
  packet.source === source && packet.destination === destination;
