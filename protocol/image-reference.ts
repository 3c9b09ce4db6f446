const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const registry = `${label}(?:\\.${label})*(?::[0-9]{1,5})?`;
const tag = '[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}';
const digest = '[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,128}';

const reference = new RegExp(`^((?:${registry}/)?${component}(?:/${component})*)(?::${tag})?(?:@${digest})?$`);

/** The engine takes 255 characters, what it puts before a short name (`docker.io/library/`) included. */
const NAME_LENGTH_MAX = 255 - 'docker.io/library/'.length;
const LENGTH_MAX = 512;

/**
 * Whether a text is an image reference: registry, name, tag and digest, by the grammar of
 * https://github.com/distribution/reference. What is none must not reach the engine as part of a path: `a//b` or `a/../b`
 * make it another path.
 */
export function isImageReference(text: string): boolean {
  const name = text.length <= LENGTH_MAX ? reference.exec(text)?.[1] : undefined;
  return name !== undefined && name.length <= NAME_LENGTH_MAX;
}
