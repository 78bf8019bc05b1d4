import type { Fact, Saying } from '../../../k8s/fact.ts';
import { ENFORCERS, type Enforcement, type EnforcerName, enforcerOfPlugin } from '../../../k8s/policy/enforcement.ts';
import { assumed, declared, inferred, type Origin } from '../../../source/origin.ts';
import { namespaceOf, objectsOf } from '../objects.ts';
import { argumentsOf } from './arguments.ts';
import { type Clues, configMap } from './clues.ts';
import { AWS_PROGRAMS } from './cni/aws.ts';
import { CALICO_PROGRAMS } from './cni/calico-ranges.ts';
import { CILIUM_PROGRAMS } from './cni/cilium.ts';
import { CANAL_PROGRAMS } from './cni/flannel.ts';
import { ANTREA_PROGRAMS, KUBE_ROUTER_PROGRAMS, OVN_PROGRAMS, WEAVE_PROGRAMS } from './cni/generic.ts';
import { KINDNET_PROGRAMS } from './cni/kindnet.ts';
import { decide } from './decide.ts';
import { k3sArgument, k3sServer } from './k3s.ts';
import type { FlagName } from './names-read.ts';
import { type Program, programsOf } from './programs.ts';
import { assumes, declares, fieldOf, follows, say } from './saying.ts';

/** Who makes policies hold: what runs on the nodes, else what the plugin and the distribution do by themselves. */
export function networkPolicy(clues: Clues, plugin: Pick<Fact, 'value' | 'confidence'>, distribution: string | null) {
  const running = AGENTS.flatMap(({ name, programs, container, isOff }) => {
    const program = programsOf(clues, programs).find((p) => container === undefined || container === p.container.name);
    return program === undefined ? [] : [{ name, program, off: isOff?.(clues, program) ?? null }];
  });
  const [agent] = running.filter(({ off }) => off === null);
  const off = running.map((a) => a.off).find((o) => o !== null) ?? null;
  const sources = [agent === undefined ? null : runs(agent.name, agent.program)];
  const fact = decide(clues.given, 'networkPolicy', null, sources, () => [off, ofK3s(clues, distribution), ofPlugin(clues, plugin)]);
  const isAgents = agent !== undefined && fact.value === agent.name && fact.confidence !== 'stated';
  return { fact, enforcement: enforcementOf(fact, isAgents ? versionOf(agent.program) : null) };
}

interface Agent {
  readonly name: EnforcerName;
  readonly programs: readonly string[];
  /** Of its pods, where they have other programs, too. */
  readonly container?: string;
  /** Why it runs and enforces nothing; null: it does. */
  readonly isOff?: (clues: Clues, program: Program) => Saying | null;
}

/** In the order in which one counts before another, where both run: a policy engine beside a plugin is there for policies. */
const AGENTS: readonly Agent[] = [
  { name: 'azure-npm', programs: ['azure-npm'] },
  { name: 'calico', programs: [...CALICO_PROGRAMS, ...CANAL_PROGRAMS], container: 'calico-node' },
  { name: 'cilium', programs: CILIUM_PROGRAMS, container: 'cilium-agent', isOff: ciliumOff },
  { name: 'antrea', programs: ANTREA_PROGRAMS, container: 'antrea-agent' },
  { name: 'ovn-kubernetes', programs: OVN_PROGRAMS },
  { name: 'weave-npc', programs: WEAVE_PROGRAMS, container: 'weave-npc' },
  { name: 'kube-router', programs: KUBE_ROUTER_PROGRAMS, container: 'kube-router', isOff: kubeRouterOff },
  { name: 'kube-network-policies', programs: ['kube-network-policies'] },
  { name: 'aws-network-policy-agent', programs: AWS_PROGRAMS, container: 'aws-eks-nodeagent', isOff: awsOff },
  { name: 'kube-network-policies', programs: KINDNET_PROGRAMS, container: 'kindnet-cni', isOff: kindnetOff },
];

const runs = (name: EnforcerName, { object, container, at }: Program): Saying => {
  const what = object.kind === 'Pod' ? 'its pod' : 'its DaemonSet';
  return follows(at('name'), name, `${what} ${object.data.metadata.name} has the container ${container.name}`);
};

const flagIn = ({ container, at }: Program, name: FlagName) => {
  const found = argumentsOf(container).findLast((f) => f.name === name);
  return found === undefined ? null : { value: found.value, source: at(...found.path) };
};

/** https://docs.cilium.io/en/stable/security/policy/intro/ */
function ciliumOff(clues: Clues): Saying | null {
  const map = configMap(clues, 'cilium-config', 'kube-system', 'cilium');
  const isNever = map?.data.data?.['enable-policy'] === 'never';
  return map !== null && isNever ? declares(fieldOf(map, 'data', 'enable-policy'), 'none', "Cilium's enable-policy is never") : null;
}

function kubeRouterOff(_: Clues, program: Program): Saying | null {
  const flag = flagIn(program, 'run-firewall');
  return flag?.value === 'false' ? declares(flag.source, 'none', 'kube-router runs with --run-firewall=false') : null;
}

/**
 * Off unless somebody turns it on: by a flag of the agent, and by a key of a ConfigMap for the controller.
 * https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
 */
function awsOff(clues: Clues, program: Program): Saying | null {
  const { at } = program;
  const flag = flagIn(program, 'enable-network-policy');
  const map = configMap(clues, 'amazon-vpc-cni', 'kube-system');
  const key = map?.data.data?.['enable-network-policy-controller'];
  if (flag !== null)
    return flag.value === 'true' ? null : declares(flag.source, 'none', 'the agent runs with --enable-network-policy=false');
  if (map !== null && key !== undefined)
    return key === 'true' ? null : declares(fieldOf(map, 'data', 'enable-network-policy-controller'), 'none', 'policies are turned off');
  return say('unknown', at('name'), null, 'nothing says whether policies are turned on for the agent of aws-node');
}

/** kind 0.24 was the first: https://github.com/kubernetes-sigs/kind/pull/3612. Its images are named after their day. */
const FIRST_KINDNET = 20240701;

function kindnetOff(_: Clues, { container, at }: Program): Saying | null {
  const [, day] = /:v(\d{8})-/.exec(container.image ?? '') ?? [];
  return day !== undefined && Number(day) < FIRST_KINDNET
    ? follows(at('image'), 'none', 'kindnet knows policies since August 2024, and its image is older')
    : null;
}

/** It has the controller of kube-router in its own process. */
function ofK3s(clues: Clues, distribution: string | null): Saying | null {
  if (distribution !== 'k3s') return null;
  const disabled = k3sArgument(clues, 'disable-network-policy');
  if (disabled !== null && disabled.value !== 'false')
    return declares(disabled.source, 'none', 'its server runs with --disable-network-policy');
  const server = k3sServer(clues);
  const words = 'k3s has the policy controller of kube-router in its own process, unless --disable-network-policy';
  return server === null ? assumes('kube-router', words) : follows(server.source, 'kube-router', words);
}

/** What a plugin does by itself, unless more than its name would be needed to tell. */
function ofPlugin(clues: Clues, { value, confidence }: Pick<Fact, 'value' | 'confidence'>): Saying {
  const plugin = String(value);
  const name = confidence === 'assumed' || confidence === 'unknown' ? null : enforcerOfPlugin(plugin);
  if (name === null) return say('unknown', null, null, 'nobody here knows who makes policies hold');
  if (name !== 'none') return assumes(name, `${plugin} does policies, too`);
  return confidence === 'stated' || hasSystemPods(clues)
    ? assumes('none', `${plugin} knows no policies, and nothing that does is in the input`)
    : say('unknown', null, null, `${plugin} knows no policies, and what runs beside it is not in the input`);
}

/** A policy engine would be among them. */
const hasSystemPods = (clues: Clues): boolean =>
  [...clues.pods, ...objectsOf(clues.objects, 'DaemonSet')].some((object) => namespaceOf(object) === 'kube-system');

function enforcementOf({ value, source, confidence }: Fact, version: string | null): Enforcement {
  return { name: ENFORCERS.find((name) => name === value) ?? null, version, origin: originOf(confidence, source?.locus ?? null) };
}

function originOf(confidence: Fact['confidence'], locus: Origin['locus']): Origin {
  if (confidence === 'assumed' || confidence === 'unknown') return assumed(locus);
  return confidence === 'inferred' || locus === null ? inferred(locus) : declared(locus);
}

/** `v3.29.1` of `docker.io/calico/node:v3.29.1`; null: it has none, or one that is no version. */
const versionOf = ({ container }: Program): string | null => /:v?(\d+\.\d+(?:\.\d+)?)[^/]*$/.exec(container.image ?? '')?.[1] ?? null;
