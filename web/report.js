// What the last answer said of its cost, for whoever wants to know of it.
let last = null;
const listeners = new Set();

export const HEADERS = { "x-dagway-report": "cost, sql" };

export const report = () => last;

export function noteReport(extensions) {
  last = extensions ?? null;
  for (const listener of listeners) listener();
}

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
