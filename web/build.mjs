// Bundles the page into a folder: `node build.mjs FOLDER`.
// FOLDER/page.html names FOLDER/assets/* as $assets/*; the server fills that in.
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = process.argv[2];

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  metafile: true,
  outdir: join(folder, "assets"),
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  target: "es2022",
  logLevel: "warning",
};

// Fonts and images that style sheets hold as data: become files, as a strict policy wants.
const dataAsFiles = {
  name: "data-as-files",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^data:/ }, ({ path, kind }) => {
      if (kind !== "url-token") return undefined;
      const [, type, base64, content] = /^data:([^;,]*)[^,]*?(;base64)?,(.*)$/s.exec(path);
      const contents = base64
        ? Buffer.from(content, "base64")
        : Buffer.from(decodeURIComponent(content));
      const digest = createHash("sha256").update(contents).digest("hex").slice(0, 8);
      const extension = type.split("/")[1].replace("svg+xml", "svg");
      return {
        path: `inline-${digest}.${extension}`,
        namespace: "data-as-files",
        pluginData: contents,
      };
    });
    onLoad({ filter: /.*/, namespace: "data-as-files" }, ({ pluginData }) => ({
      contents: pluginData,
      loader: "file",
    }));
  },
};

// The editor's styles are part of GraphiQL's own style sheet.
const editorWithoutStyles = {
  name: "editor-without-styles",
  setup({ onLoad }) {
    onLoad({ filter: /monaco-editor.*\.css$/ }, () => ({ contents: "", loader: "empty" }));
  },
};

// The outputs of entry points, by the name of the entry point's file.
function outputs({ metafile }) {
  return Object.fromEntries(
    Object.entries(metafile.outputs)
      .filter(([, { entryPoint }]) => entryPoint)
      .map(([path, { entryPoint, cssBundle }]) => [
        basename(entryPoint),
        { file: basename(path), style: cssBundle && basename(cssBundle) },
      ]),
  );
}

async function documents(folder) {
  const path = join(here, "..", "documents", folder);
  const names = (await readdir(path)).filter((name) => name.endsWith(".graphql"));
  return Promise.all(names.sort().map((name) => readFile(join(path, name), "utf8")));
}

const workers = outputs(
  await build({
    ...common,
    format: "iife",
    entryPoints: {
      "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
      "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
      "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    },
  }),
);

const parts = outputs(
  await build({
    ...common,
    format: "esm",
    splitting: true,
    jsx: "automatic",
    loader: { ".svg": "copy" },
    plugins: [dataAsFiles, editorWithoutStyles],
    // their old names lead to files that are no modules, whose exports are not found
    alias: {
      "prettier/parser-babel": "prettier/plugins/babel",
      "prettier/parser-graphql": "prettier/plugins/graphql",
    },
    define: {
      "process.env.NODE_ENV": '"production"',
      DOCUMENTS: JSON.stringify([...(await documents("core")), ...(await documents("views"))]),
      LATEST: JSON.stringify(await readFile(join(here, "latest.graphql"), "utf8")),
      WORKERS: JSON.stringify({
        json: workers["json.worker.js"].file,
        graphql: workers["graphql.worker.js"].file,
        editor: workers["editor.worker.js"].file,
      }),
    },
    entryPoints: ["main.jsx", "icon.svg"],
  }),
);

const page = (await readFile(join(here, "page.html"), "utf8"))
  .replace('"icon.svg"', `"$assets/${parts["icon.svg"].file}"`)
  .replace('"main.css"', `"$assets/${parts["main.jsx"].style}"`)
  .replace('"main.jsx"', `"$assets/${parts["main.jsx"].file}"`);
await writeFile(join(folder, "page.html"), page);
