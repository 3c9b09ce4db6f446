const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a group, an app, a cluster or a host may be called that, as `Name` of the protocol's schemas says. */
export const isName = (text: string): boolean => NAME.test(text);

/** Whether it is a whole number from 1 to `most`. */
export const isCount = (text: string, most: number): boolean =>
  /^\d{1,7}$/.test(text) && Number(text) >= 1 && Number(text) <= most;
