// A panel of what the last answer cost: its limits, and its statements.
import { useSyncExternalStore } from "react";
import { report, subscribe } from "./report.js";

function Cost() {
  const { cost, sql } = useSyncExternalStore(subscribe, report) ?? {};
  return (
    <section className="dagway-panel" aria-label="Cost of the last answer">
      <h2>Cost</h2>
      {!cost && !sql && <p>The last answer does not say; execute a query.</p>}
      {sql && (
        <p>
          {sql.count.toLocaleString("en")} statements, {sql.ms.toLocaleString("en")} ms
        </p>
      )}
      {cost && (
        <table>
          <thead>
            <tr>
              <th>limit</th>
              <th>used</th>
              <th>most</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(cost).map(([name, { used, most }]) => (
              <tr key={name}>
                <th>{name}</th>
                <td>{used.toLocaleString("en")}</td>
                <td>{most.toLocaleString("en")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const Icon = () => (
  <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.3" aria-hidden>
    <path d="M2 14V8h3v6M6.5 14V2h3v12M11 14V5h3v9M1 14h14" />
  </svg>
);

export const COST = { title: "Cost", icon: Icon, content: Cost };
