// Asks the endpoint that served this page.
import { getOperationAST, parse } from "graphql";

export async function fetcher(operation, { headers } = {}) {
  const response = await fetch(location.pathname, {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json, application/json",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(rightlyNamed(operation)),
  });
  const text = await response.text();
  return response.headers.get("content-type")?.includes("json")
    ? JSON.parse(text)
    : { errors: [{ message: `${response.status}: ${text}` }] };
}

// Just after a change of tabs, GraphiQL still names the operation of the tab before.
function rightlyNamed({ operationName, ...unnamed }) {
  return has(unnamed.query, operationName) ? { operationName, ...unnamed } : unnamed;
}

function has(query, operationName) {
  try {
    return Boolean(getOperationAST(parse(query), operationName));
  } catch {
    return false; // the server says what is wrong with the query
  }
}
