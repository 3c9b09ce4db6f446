import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MountFiles } from '../../../agent/ports/mount-files.ts';

export interface MountFilesUnderTest {
  readonly files: MountFiles;
  /** What an engine would mount. */
  readonly read: (path: string) => string | undefined;
  /** Changes what is there behind its back. */
  readonly tamper: (path: string) => void;
}

const text = 'port = 80\n';
const file = { sha256: createHash('sha256').update(text).digest('hex'), mode: '0444' };
const content = Buffer.from(text);

/** What every keeper of files for containers does. */
export function mountFilesSuite(name: string, open: () => Promise<MountFilesUnderTest>): void {
  describe(`mount files port: ${name}`, () => {
    let subject: MountFilesUnderTest;
    beforeEach(async () => {
      subject = await open();
    });

    it('finds what was put, where it was put', async () => {
      expect(await subject.files.find(file)).toBeUndefined();
      const path = await subject.files.put(file, content);
      expect(await subject.files.find(file)).toBe(path);
      expect(subject.read(path)).toBe(text);
    });

    it('does not find what was tampered with, and puts it right', async () => {
      const path = await subject.files.put(file, content);
      subject.tamper(path);
      expect(await subject.files.find(file)).toBeUndefined();
      expect(await subject.files.put(file, content)).toBe(path);
      expect(subject.read(path)).toBe(text);
    });

    it('keeps one content apart by mode and owner', async () => {
      const paths = await Promise.all(
        [file, { ...file, mode: '0400' }, { ...file, uid: 7 }, { ...file, gid: 7 }].map((each) =>
          subject.files.put(each, content),
        ),
      );
      expect(new Set(paths).size).toBe(4);
      expect(await subject.files.find({ ...file, uid: 0, gid: 0 })).toBe(paths[0]);
    });

    it('removes all but what is wanted', async () => {
      await subject.files.retain([]);
      const kept = await subject.files.put(file, content);
      const gone = await subject.files.put({ ...file, mode: '0400' }, content);
      await subject.files.retain([file]);
      expect(await subject.files.find(file)).toBe(kept);
      expect(subject.read(gone)).toBeUndefined();
    });
  });
}
