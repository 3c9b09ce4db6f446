import manifest from '../../package.json' with { type: 'json' };

/** What this client is. */
export const release = { version: manifest.version, node: process.versions.node } as const;
