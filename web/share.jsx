// A link to the page with a query and its variables, which no server sees.
import { ToolbarButton, useGraphiQL } from "@graphiql/react";
import { useState } from "react";

// The query and the variables that the page's address has; null if it has none.
export function shared() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.get("query")) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return { query: given.get("query"), variables: given.get("variables") ?? "" };
}

function linkTo(query, variables) {
  const link = new URL(location.href);
  link.hash = new URLSearchParams({ query, ...(variables && { variables }) });
  return link.href;
}

export function Share() {
  const query = useGraphiQL(({ queryEditor }) => queryEditor);
  const variables = useGraphiQL(({ variableEditor }) => variableEditor);
  const [isCopied, setCopied] = useState(false);

  const copy = async () => {
    const link = linkTo(query.getValue(), variables.getValue());
    // where a page may not write to the clipboard, its address is to be copied
    if (navigator.clipboard) await navigator.clipboard.writeText(link);
    else history.replaceState(null, "", link);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };

  return (
    <ToolbarButton label={isCopied ? "Link copied" : "Copy a link"} onClick={copy}>
      <svg
        className="graphiql-toolbar-icon"
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.3"
        aria-hidden
      >
        <path d="M6.5 9.5l3-3M7 4.5l2-2a3.2 3.2 0 0 1 4.5 4.5l-2 2M9 11.5l-2 2A3.2 3.2 0 0 1 2.5 9l2-2" />
      </svg>
    </ToolbarButton>
  );
}
