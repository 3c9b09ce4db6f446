/**
 * YAML, imported by those who need it when they need it. Not the package itself: the bundler gives a dynamic import of that no
 * named exports.
 */
export { parse, stringify } from 'yaml';
