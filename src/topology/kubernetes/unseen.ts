import * as z from 'zod';
import { type Kind, kindRead } from './kinds.ts';

/** Kinds of which a snapshot has some objects only: nobody may list the others, or a list was cut. It keeps that as an object of its own. */
const UNSEEN = { apiVersion: 'k8s-trace.snapshot/v1', kind: 'Unseen' } as const;

export const isUnseen = (apiVersion: string, kind: string): boolean => apiVersion === UNSEEN.apiVersion && kind === UNSEEN.kind;

const unseen = z.object({ kinds: z.array(z.string()) });

export const unseenObject = (kinds: readonly string[]): object => ({ ...UNSEEN, kinds });

export function unseenKinds(data: unknown): readonly Kind[] {
  const parsed = unseen.safeParse(data);
  return parsed.success ? parsed.data.kinds.flatMap((name) => kindRead('', name) ?? []) : [];
}
