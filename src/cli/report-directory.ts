import type { Io } from './io.ts';

/** Where reports name files from. */
export const directoryOf = (io: Io) => ({ working: io.directory, root: rootOf(io) });

/** GitHub and GitLab know files by their names from the checkout's root, wherever in it a job runs. */
function rootOf({ env, directory }: Io): string {
  const below = (root: string | undefined) =>
    root !== undefined && root !== '' && `${directory}/`.startsWith(`${root.replace(/[\\/]$/, '')}/`);
  return [env['GITHUB_WORKSPACE'], env['CI_PROJECT_DIR']].find(below) ?? directory;
}
