import type { Network } from '../k8s/compiled-network.ts';
import type { Question } from '../query/question.ts';
import { verdict } from '../trace/verdict.ts';
import type { Ended } from './rows.ts';

/** How the paths of a connection end; the same object for the same answer. */
export interface Answer {
  readonly id: number;
  readonly ended: readonly Ended[];
}

export class Answers {
  readonly #known = new Map<string, Answer>();

  ask(network: Network, question: Question): Answer {
    const found = new Map<string, Ended>();
    for (const { outcome, code, assumed, probability } of verdict(network, question).paths) {
      const key = `${outcome} ${code} ${assumed}`;
      const known = found.get(key);
      found.set(key, { outcome, code, assumed, weight: (known?.weight ?? 0) + probability });
    }
    const text = [...found]
      .map(([key, { weight }]) => `${key} ${weight}`)
      .sort()
      .join('\n');
    const known = this.#known.get(text) ?? { id: this.#known.size, ended: [...found.values()] };
    this.#known.set(text, known);
    return known;
  }
}
