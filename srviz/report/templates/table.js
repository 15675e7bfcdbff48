// What the reader can press: the pair shown, the layer looked at, menus, sorting and search.

function options(select, entries) {
  select.replaceChildren(...entries.map(([value, text]) => new Option(text, value)));
}

function fillMenus() {
  const sites = [...new Set([...layers(pair().plain).keys(), ...layers(pair().bn).keys()])];
  options(byId("site"), sites.map((site) => [site, site]));
  byId("site").value = state.site;
  markLayer();
  if (byId("criterion")) {
    const kept = byId("criterion").value;
    const names = Object.keys(core.intervals[pair().plain]);
    options(byId("criterion"), names.map((name) => [name, name]));
    if (names.includes(kept)) byId("criterion").value = kept;
  }
}

function markLayer() {
  for (const row of document.querySelectorAll("tr[data-site]")) row.classList.toggle("here", row.dataset.site === state.site);
}

function choosePair(index) {
  state.pair = index;
  state.site = pair().worst;
  if (byId("condition")) byId("condition").selectedIndex = pair().condition;
  for (const button of document.querySelectorAll("[data-pair]")) button.setAttribute("aria-pressed", String(Number(button.dataset.pair) === index));
  for (const part of document.querySelectorAll("[data-of]")) part.hidden = Number(part.dataset.of) !== index;
  fillMenus();
  followPair();
  search();
  refresh();
}

function chooseLayer(site) {
  state.site = site;
  byId("site").value = site;
  markLayer();
  refresh("levels", "range", "ridges");
}

function step(by) {
  const select = byId("site");
  const next = Math.min(Math.max(select.selectedIndex + by, 0), select.length - 1);
  chooseLayer(select.options[next].value);
}

function search() {
  const wanted = byId("find").value.trim().toLowerCase();
  let shown = 0;
  for (const row of document.querySelectorAll("#layers [data-of]:not([hidden]) tr[data-site]")) {
    row.hidden = !row.dataset.site.toLowerCase().includes(wanted);
    shown += row.hidden ? 0 : 1;
  }
  byId("found").textContent = wanted ? `${shown} found` : "";
}

// Numbers first, texts after them, what is missing always last.
function compareCells(a, b) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, "en", { numeric: true }) : x - y;
}

function sortTable(button) {
  const table = button.closest("table");
  const head = button.closest("th");
  const up = head.getAttribute("aria-sort") !== "ascending";
  for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  const body = table.tBodies[0];
  const key = (row) => row.cells[Number(button.dataset.col)].dataset.sort;
  const rows = [...body.rows].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x === "" || y === "" || up ? compareCells(x, y) : compareCells(y, x);
  });
  body.replaceChildren(...rows);
}

function controls() {
  fillMenus();
  const metric = byId("metric");
  if (metric) {
    const known = new Set(core.labels.flatMap((label) => Object.keys(core.heat[label].metrics || {})));
    options(metric, Object.entries(core.metrics).filter(([name]) => known.has(name)));
    const means = read("terms");
    const tell = () => { byId("metric-means").textContent = means[metric.value] || ""; };
    metric.addEventListener("change", () => { tell(); refresh("heat"); });
    tell();
    byId("ordered").addEventListener("change", () => refresh("heat"));
  }
  const measure = byId("measure");
  if (measure) {
    const known = new Set(core.labels.flatMap((label) => Object.keys(core.sensitivity[label])));
    options(measure, Object.entries(core.measures).filter(([name]) => known.has(name)));
    measure.addEventListener("change", () => refresh("costs"));
  }
  trainedControls();
  byId("condition")?.addEventListener("change", () => refresh("pic-psnr"));
  byId("criterion")?.addEventListener("change", () => refresh("dumbbells"));
  byId("site").addEventListener("change", (event) => chooseLayer(event.target.value));
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("equal").addEventListener("change", () => refresh("levels"));
  byId("find").addEventListener("input", search);
  for (const button of document.querySelectorAll("[data-pair]")) button.addEventListener("click", () => choosePair(Number(button.dataset.pair)));
  for (const button of document.querySelectorAll("[data-col]")) button.addEventListener("click", () => sortTable(button));
  for (const button of document.querySelectorAll(".goto")) {
    button.addEventListener("click", () => {
      chooseLayer(button.closest("tr").dataset.site);
      byId("layer").scrollIntoView();
    });
  }
}
