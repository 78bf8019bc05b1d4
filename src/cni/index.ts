import type { CniConfig } from '../k8s/cluster.ts';
import { bridgePlugin } from './bridge.ts';
import type { CniPlugin } from './plugin.ts';

/** One entry a plugin: its file, and a line here. */
export const cniPlugins: Readonly<Record<CniConfig['plugin'], CniPlugin>> = { bridge: bridgePlugin };
