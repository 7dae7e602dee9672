// A panel for the key or token that the page asks with.
import { Button, useGraphiQLActions } from "@graphiql/react";
import { useState } from "react";
import { keep, token } from "./token.js";

function Access() {
  const { introspect } = useGraphiQLActions();
  const [kept, setKept] = useState(token());

  const use = (given) => {
    keep(given);
    setKept(given);
    introspect();
  };

  return (
    <form
      className="dagway-panel"
      onSubmit={(event) => {
        event.preventDefault();
        use(new FormData(event.target).get("token").trim());
      }}
    >
      <h2>Access</h2>
      <p>A key or token, sent as Authorization until this tab of the browser is closed.</p>
      <input
        aria-label="Key or token"
        autoComplete="off"
        defaultValue={kept}
        key={kept}
        name="token"
        type="password"
      />
      <Button type="submit">Use it</Button>
      <Button type="button" onClick={() => use("")} disabled={!kept}>
        Forget it
      </Button>
    </form>
  );
}

const Icon = () => (
  <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.3" aria-hidden>
    <circle cx="5" cy="11" r="3.2" />
    <path d="M7.4 8.6 14 2M11 5l2 2" />
  </svg>
);

export const ACCESS = { title: "Access", icon: Icon, content: Access };
