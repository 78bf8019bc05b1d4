import type { Network } from '../k8s/compiled-network.ts';
import type { IpFamily } from '../net/address.ts';
import type { Answer, Answers } from './answers.ts';
import type { Asked, Calls } from './calls.ts';
import { nodeOf, thingOf } from './end.ts';
import type { End } from './question.ts';
import type { Tally } from './rows.ts';
import type { Part } from './sides.ts';
import { questionOfCall } from './way.ts';

interface Asking {
  readonly network: Network;
  readonly answers: Answers;
  readonly calls: Calls;
  /** Of ends that had to be asked about by themselves. */
  readonly asked: Map<string, Answer>;
}

interface Where {
  readonly family: IpFamily;
  readonly onOneNode: boolean;
  /** What of a service is near the one, and the other. */
  readonly near: string;
}

/** What is said of two ends that are asked about by themselves. */
export function alone(engine: Asking, from: Part, to: Part, { family, onOneNode, near }: Where, asked: Asked): Tally {
  const { protocol, first, last } = asked;
  const key = [from.kind, to.kind, near, family, onOneNode, protocol, first].join(' ');
  let answer = engine.asked.get(key);
  if (answer === undefined) {
    const [caller, callee] = pick(from, to, onOneNode);
    const target = engine.calls.target(callee, family, caller.kind === 'outside', asked);
    if (target === null) throw new Error('what is counted can be called');
    answer = engine.answers.ask(engine.network, questionOfCall(engine.network, { caller, callee, target, family }));
    engine.asked.set(key, answer);
  }
  const ports = first === null || last === null ? null : { first, last };
  return { protocol, ports, pairs: 1, ended: answer.ended };
}

/** Two members that are on one node, or are not. */
function pick(from: Part, to: Part, onOneNode: boolean): readonly [End, End] {
  for (const caller of from.ends)
    for (const callee of to.ends)
      if (thingOf(caller) !== thingOf(callee) && areOnOneNode(caller, callee) === onOneNode) return [caller, callee];
  throw new Error('pairs that are counted are there');
}

function areOnOneNode(a: End, b: End): boolean {
  const node = nodeOf(a);
  return node !== null && node === nodeOf(b);
}
