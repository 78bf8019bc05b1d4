/** The compiled network in a real kernel. */

import type { Network } from '../k8s/compiled-network.ts';
import { allNetns } from './names.ts';
import { labScript } from './script.ts';

export { allFlows, type Flow, flowsFor } from './claims.ts';
export { verifyFlows } from './document.ts';
export { labExec } from './enter.ts';
export { labDown, othersHint } from './running.ts';
export { DEFAULT_NAME, labUp } from './up.ts';

/** The shell script that builds the network. */
export const scriptOf = ({ cluster, datapath }: Network): string => labScript(cluster, allNetns(cluster, datapath));
