// Asks the endpoint that served this page.
import { getOperationAST, parse } from "graphql";
import { HEADERS, noteReport } from "./report.js";
import { authorization } from "./token.js";

// For queries that people write: what they cost is asked for, and noted.
export async function reportingFetcher(operation, { headers } = {}) {
  const isWritten = operation.operationName !== "IntrospectionQuery";
  const asked = isWritten ? HEADERS : {};
  const answer = await fetcher(operation, { headers: { ...asked, ...headers } });
  if (isWritten) noteReport(answer.extensions);
  return answer;
}

export async function fetcher(operation, { headers } = {}) {
  const response = await fetch(location.pathname, {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json, application/json",
      "content-type": "application/json",
      ...authorization(),
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
