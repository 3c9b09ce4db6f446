/** Line diffs, imported by those who need them when they need them; see `yaml.ts`. */
export { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
