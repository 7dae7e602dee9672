// The key or token that the page asks with; the browser's tab keeps it, and nothing else.
const NAME = "dagway:token";

export const token = () => sessionStorage.getItem(NAME) ?? "";

export function keep(given) {
  if (given) sessionStorage.setItem(NAME, given);
  else sessionStorage.removeItem(NAME);
}

export const authorization = () => (token() ? { authorization: `Bearer ${token()}` } : {});
