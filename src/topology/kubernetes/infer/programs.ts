import type { FactSource } from '../../../k8s/fact.ts';
import { type KubeObject, namespaceOf } from '../objects.ts';
import type { ContainerObject } from '../schema/pod.ts';
import { argument, argumentsOf } from './arguments.ts';
import { type Clues, configMap, grouped, type Machine, remembered } from './clues.ts';
import type { FlagName, VariableName } from './names-read.ts';
import { fieldOf } from './saying.ts';

/** A container of some program of the cluster, and where its fields are. */
export interface Program {
  readonly container: ContainerObject;
  readonly object: KubeObject<'Pod'> | KubeObject<'DaemonSet'>;
  at(...path: readonly (string | number)[]): FactSource;
}

/**
 * The containers of the programs of these names: of their running pods (with a machine, of those on it), or, when the input has no pod of
 * them, of their DaemonSets.
 */
export function programsOf(clues: Clues, names: readonly string[], machine: Machine | null = null): readonly Program[] {
  const pods = names.map((name) => clues.podsBy.get(name)).filter((list) => list !== undefined);
  if (machine !== null && pods.length > 0) return pods.flatMap((list) => byNode(list).get(machine.name) ?? []).flatMap(inPod);
  const key = names.join();
  const before = everywhere(clues).get(key);
  if (before !== undefined) return before;
  const found =
    pods.length > 0 ? pods.flat().flatMap(inPod) : names.flatMap((name) => clues.daemonSetsBy.get(name) ?? []).flatMap(inDaemonSet);
  everywhere(clues).set(key, found);
  return found;
}

const everywhere = remembered(() => new Map<string, readonly Program[]>());

/** Asked for every node, of the few lists of `podsBy` that are programs of the cluster. */
function byNode(list: readonly KubeObject<'Pod'>[]): ReadonlyMap<string, readonly KubeObject<'Pod'>[]> {
  const known = sorted.get(list) ?? grouped(list, ({ data }) => data.spec?.nodeName ?? '');
  sorted.set(list, known);
  return known;
}

const sorted = new WeakMap<readonly KubeObject<'Pod'>[], ReadonlyMap<string, readonly KubeObject<'Pod'>[]>>();

const inPod = (pod: KubeObject<'Pod'>): readonly Program[] =>
  (['containers', 'initContainers'] as const).flatMap((field) =>
    (pod.data.spec?.[field] ?? []).map((container, i) => ({
      container,
      object: pod,
      at: (...path) => fieldOf(pod, 'spec', field, i, ...path),
    })),
  );

const inDaemonSet = (set: KubeObject<'DaemonSet'>): readonly Program[] =>
  (['containers', 'initContainers'] as const).flatMap((field) =>
    (set.data.spec?.template?.spec?.[field] ?? []).map((container, i) => ({
      container,
      object: set,
      at: (...path) => fieldOf(set, 'spec', 'template', 'spec', field, i, ...path),
    })),
  );

/** What a program is told, and where. */
export interface Told {
  readonly value: string;
  readonly source: FactSource;
}

/** The value of an environment variable: its own, or that of the ConfigMap that it refers to. */
function readVariable(clues: Clues, program: Program, name: VariableName): Told | null {
  const index = program.container.env?.findIndex((e) => e.name === name) ?? -1;
  const entry = program.container.env?.[index];
  if (entry === undefined) return null;
  if (entry.value != null) return { value: entry.value, source: program.at('env', index, 'value') };
  const from = entry.valueFrom?.configMapKeyRef;
  if (from?.name == null) return null;
  const map = configMap(clues, from.name, namespaceOf(program.object));
  const value = map?.data.data?.[from.key];
  return map === null || value === undefined ? null : { value, source: fieldOf(map, 'data', from.key) };
}

/** An environment variable of the first program that has it. */
export const variableOf = ofFirst(readVariable);

/** A flag of the first program that has it; one that refers to the environment is not known. */
export const flagOf = ofFirst((_, { container, at }, name: FlagName): Told | null => {
  const found = argument(argumentsOf(container), name);
  return found === null || found.value.includes('$(') ? null : { value: found.value, source: at(...found.path) };
});

type Reader<N extends string> = (clues: Clues, program: Program, name: N) => Told | null;

/** Asked for on each node, of programs that run on all of them: what they say without a machine is remembered. */
function ofFirst<N extends string>(
  read: Reader<N>,
): (clues: Clues, programs: readonly string[], name: N, machine?: Machine | null) => Told | null {
  const known = remembered(() => new Map<string, Told | null>());
  return (clues, programs, name, machine = null) => {
    const key = `${programs.join()} ${name}`;
    const before = machine === null ? known(clues).get(key) : undefined;
    if (before !== undefined) return before;
    const found = firstOf(programsOf(clues, programs, machine), (program) => read(clues, program, name));
    if (machine === null) known(clues).set(key, found);
    return found;
  };
}

function firstOf<T>(programs: readonly Program[], read: (program: Program) => T | null): T | null {
  for (const program of programs) {
    const found = read(program);
    if (found !== null) return found;
  }
  return null;
}
