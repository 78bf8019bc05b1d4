// `import script from './page.ts?script'`: the text of a script for a page, with all that it imports, for esbuild (the build) and vite (the tests).
import { dirname, resolve } from 'node:path';
import { build } from 'esbuild';

const SUFFIX = '?script';

async function textOf(file) {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    write: false,
  });
  return outputFiles[0].text.trim();
}

const moduleOf = async (file) => `export default ${JSON.stringify(await textOf(file))};`;

export const pageScript = {
  name: 'page-script',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\?script$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.slice(0, -SUFFIX.length)),
      namespace: 'page-script',
    }));
    onLoad({ filter: /.*/, namespace: 'page-script' }, async ({ path }) => ({ contents: await moduleOf(path) }));
  },
};

export const vitePageScript = {
  name: 'page-script',
  enforce: 'pre',
  resolveId(id, importer) {
    return id.endsWith(SUFFIX) && importer !== undefined ? `\0${resolve(dirname(importer), id)}` : null;
  },
  load(id) {
    return id.startsWith('\0') && id.endsWith(SUFFIX) ? moduleOf(id.slice(1, -SUFFIX.length)) : null;
  },
};
