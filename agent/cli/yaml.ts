/**
 * YAML, to be imported when it is needed: `await import('../yaml.ts')`. Not the package itself, which the bundler gives a
 * dynamic import without its named exports.
 */
export { parse, stringify } from 'yaml';
