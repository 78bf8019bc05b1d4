import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin } from 'vite';

export const pageScript: EsbuildPlugin;
export const vitePageScript: Plugin;
