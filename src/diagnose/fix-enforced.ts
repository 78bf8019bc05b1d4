import { isPlain } from '../net/packet.ts';
import { type Sentence, sentence } from '../source/sentence.ts';
import { enforcedAt } from './enforced.ts';
import { letThrough } from './fix-policy.ts';
import { advised, type Fix } from './remedy.ts';
import type { Scene } from './scene.ts';

/**
 * A rule of a policy enforcer that was found: what it writes from the policies it writes again, so that they are to be changed and not the rule; where
 * they let the packet pass, it is the rules that are to be written anew. Null: the rule is nobody's that enforces policies.
 */
export function enforcersRule(scene: Scene<'FILTER_DROP' | 'FILTER_REJECT'>): readonly Fix[] | null {
  const { facts, hops, context } = scene;
  const { cluster } = context;
  const packet = hops.at(-1)?.packet;
  if (cluster.oneMachine !== null || cluster.nodes.get(facts.netns)?.found == null || packet === undefined || !isPlain(packet)) return null;
  const enforced = enforcedAt(cluster, facts, packet);
  if (enforced === null) return null;
  const { enforcer, denied, says } = enforced;
  const anew = `let ${enforcer} write its rules and sets on ${facts.netns} anew, as it does when it starts`;
  if (denied !== null) {
    const written = ({ text, beginsWithName }: Sentence): Sentence => ({
      text: `${text}; ${enforcer} then changes its rules`,
      beginsWithName,
    });
    return letThrough({ ...scene, facts: denied }).map(({ words }) => advised('elsewhere', written(words)));
  }
  if (says === 'allow') return [advised('elsewhere', sentence(`${anew}: the policies let this packet pass, and these rules do not`))];
  return [advised('elsewhere', `change the policy that ${enforcer} made the rule of (kubectl get networkpolicies -A -o yaml); or ${anew}`)];
}
