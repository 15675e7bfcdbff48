// After training: what BN gains at each width, and where the bounds went.

let kept = null;
const trained = () => (kept = kept || read("trained-data"));
const unique = (values) => [...new Set(values)];

function gainFigure(width) {
  const set = trained().gains[byId("gain-set").selectedIndex];
  if (!set) return null;
  // The widths stand at equal distances, the widest first.
  const widths = unique(set.lines.flatMap((line) => line.bits)).sort((a, b) => b - a);
  const colors = ["--gap1", "--gap3", "--range", "--gap5"].map(css);
  const symbols = ["circle", "diamond", "square", "triangle-up"];
  const data = set.lines.flatMap((line, i) => {
    const color = colors[i % 4], symbol = symbols[i % 4];
    const where = line.bits.map((bits) => widths.indexOf(bits));
    const say = line.bits.map((bits) => `${escaped(line.name)}, ${bits < 32 ? `${bits} bits` : "full precision"}`);
    const common = { type: "scatter", mode: "lines+markers", x: where, text: say, legendgroup: String(i) };
    const ours = {
      ...common, name: escaped(line.name), y: line.gain, line: { color, width: 2.5 }, marker: { color, size: 8, symbol },
      error_y: { type: "data", array: line.spread, visible: line.spread.some((s) => s > 0), color, thickness: 1.3, width: 4 },
      hovertemplate: "%{text}: <b>%{y:+.2f} dB</b><extra></extra>",
    };
    const theirs = {
      ...common, name: "published", showlegend: false, y: line.published, opacity: 0.75, line: { color, width: 1.6, dash: "dot" },
      marker: { color: css("--paper"), size: 7, symbol, line: { color, width: 1.5 } }, hovertemplate: "%{text}, published: <b>%{y:+.2f} dB</b><extra></extra>",
    };
    return line.published.some((v) => v != null) ? [ours, theirs] : [ours];
  });
  if (data.every((trace) => trace.y.every((v) => v == null))) return null;
  if (data.some((trace) => trace.name === "published")) {
    data.push({ type: "scatter", mode: "lines", name: "published", x: [null], y: [null], line: { color: css("--soft"), width: 1.6, dash: "dot" }, hoverinfo: "skip" });
  }
  const same = trained().same;
  const rows = Math.ceil((data.filter((trace) => trace.showlegend !== false).length * 125) / Math.max(width - 66, 1));
  return {
    bar: true, data,
    layout: {
      height: 340 + 20 * rows, showlegend: true, margin: { l: 54, r: 12, t: 12 + 20 * rows, b: 42 },
      shapes: [{ type: "rect", xref: "paper", x0: 0, x1: 1, y0: -same, y1: same, fillcolor: css("--line"), opacity: 0.6, line: { width: 0 }, layer: "below" }],
      xaxis: { title: "bits", tickmode: "array", tickvals: widths.map((_, i) => i), ticktext: widths.map((bits) => (bits < 32 ? String(bits) : "full")), range: [-0.3, widths.length - 0.7], showgrid: false },
      yaxis: { title: "PSNR gained by BN (dB)", zeroline: true, zerolinecolor: css("--soft") },
    },
  };
}

// The runs of the chosen network, method and width: without BN, with BN, or both.
function chosenPaths() {
  const [network, method, bits] = ["network", "method", "bits"].map((name) => byId(`path-${name}`).value);
  return trained().paths.filter((path) => path.network === network && path.method === method && String(path.bits) === bits)
    .sort((a, b) => a.normed - b.normed);
}

const BOUNDS = { alpha: ["bounds ± alpha", "--level"], upper: ["upper bound", "--level"], lower: ["lower bound", "--edge"] };

function boundTraces(path, site, where, once) {
  const bounds = path.sites[site];
  const [first, last] = [path.step[0], path.step.at(-1)];
  const flat = (y, name, dash) => ({
    type: "scatter", mode: "lines", name, legendgroup: name, showlegend: once(name), x: [first, last], y: [y, y],
    line: { color: css("--ink"), width: 1.3, dash }, hovertemplate: `${name}: <b>%{y:.4g}</b><extra></extra>`, ...where,
  });
  const bands = ((trained().fans[path.label] || {})[site] || []).filter((band) => !band.includes(null));
  const data = bands.map(([low, high]) => ({
    type: "scatter", mode: "lines", name: "activations", legendgroup: "activations", showlegend: once("activations"), x: [first, last, last, first],
    y: [low, low, high, high], fill: "toself", fillcolor: `${css("--range")}2b`, line: { width: 0, color: css("--range") }, hoverinfo: "skip", ...where,
  }));
  data.push(...(path.best[site] || []).map((bound) => flat(bound, "least error (MSE)", "dash")));
  for (const [key, values] of Object.entries(bounds)) {
    const [name, color] = BOUNDS[key] || [escaped(key), "--level"];
    for (const sign of key === "alpha" ? [1, -1] : [1]) {
      data.push({
        type: "scatter", mode: "lines", name, legendgroup: name, showlegend: once(name), x: path.step, y: values.map((v) => (v == null ? null : sign * v)),
        line: { color: css(color), width: 2.4 }, hovertemplate: `step %{x}<br>${name}: <b>%{y:.4g}</b><extra></extra>`, ...where,
      });
    }
  }
  return data;
}

function pathFigure(width) {
  const site = byId("path-site").value;
  const runs = chosenPaths().filter((path) => path.sites[site]);
  if (!runs.length) return null;
  const one = runs.length === 1;
  const place = panels(width, 0.09);
  const top = width < NARROW ? 76 : 50;
  const height = !one && place.stacked ? 640 : 380;
  const layout = { height, showlegend: true, hovermode: "closest", annotations: [], margin: { l: 52, r: 20, t: top, b: 42 }, legend: { y: 1 + 22 / (height - top - 42) } };
  const seen = new Set();
  const once = (name) => !seen.has(name) && Boolean(seen.add(name));
  const data = runs.flatMap((path, k) => {
    const [x, y] = one ? [[0, 1], [0, 1]] : [place.x[k], place.y[k]];
    const axis = k + 1;
    layout[`xaxis${axis}`] = { domain: x, anchor: `y${axis}`, title: "training step", showgrid: false };
    layout[`yaxis${axis}`] = { domain: y, anchor: `x${axis}`, title: k === 0 || place.stacked ? "activation" : "", showgrid: false, zeroline: true };
    layout.annotations.push(panelTitle(path.normed ? "with BN" : "without BN", x, y, css(path.normed ? "--bn" : "--plain")));
    return boundTraces(path, site, { xaxis: `x${axis}`, yaxis: `y${axis}` }, once);
  });
  return { bar: true, data, layout };
}

// Each menu offers what the ones before it leave; what was chosen stays if it can.
function fillPaths(wish = {}) {
  const fill = (name, values, wanted) => {
    const select = byId(`path-${name}`);
    const wishes = [wish[name], select.value, wanted].map(String);
    options(select, values.map((value) => [value, value]));
    select.value = wishes.find((value) => values.map(String).includes(value)) ?? values[0];
    return select.value;
  };
  let paths = trained().paths;
  for (const [name, wanted] of [["network", pair().plain], ["method", ""], ["bits", 4]]) {
    const value = fill(name, unique(paths.map((path) => path[name])).sort((a, b) => (name === "bits" ? b - a : 0)), wanted);
    paths = paths.filter((path) => String(path[name]) === value);
  }
  fill("site", unique(paths.flatMap((path) => Object.keys(path.sites))), state.site);
}

function followPair() {
  if (byId("path-network")) fillPaths({ network: pair().plain, site: state.site });
}

function trainedControls() {
  const set = byId("gain-set");
  if (set) {
    options(set, trained().gains.map(({ name }, i) => [i, name]));
    set.addEventListener("change", () => refresh("gains"));
  }
  if (!byId("path-network")) return;
  fillPaths();
  for (const name of ["network", "method", "bits", "site"]) {
    byId(`path-${name}`).addEventListener("change", () => { fillPaths(); refresh("paths"); });
  }
}
