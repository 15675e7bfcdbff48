"use strict";
// State, colours and the drawing of charts: each when it comes near the screen, the rest when idle.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const byId = (id) => document.getElementById(id);
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const NARROW = 560; // px: below this the two networks stand under each other

let core = null;
const state = { pair: 0, site: null };
const pair = () => core.pairs[state.pair];

// The per-layer numbers of a network are parsed when they are first looked at.
const parsed = new Map();
function layers(label) {
  if (!parsed.has(label)) {
    const list = read(`layers-${core.labels.indexOf(label)}`);
    parsed.set(label, new Map(list.map((layer) => [layer.site, layer])));
  }
  return parsed.get(label);
}

// Plotly reads a little markup in texts; names of layers are never markup.
const escaped = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
function short(site, room = 30) {
  const text = site.replace(/:out$/, "");
  return escaped(text.length > room ? `…${text.slice(1 - room)}` : text);
}
const show = (value, digits = 3) => (value == null ? "–" : String(Number(value.toPrecision(digits))).replace("-", "−"));

const charts = new Map();
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const chart = charts.get(entry.target.id);
    chart.near = chart.near || entry.isIntersecting;
    paint(chart);
  }
}, { rootMargin: "300px" });

function chart(id, build) {
  const el = byId(id);
  if (!el) return;
  charts.set(id, { el, build, near: false, stale: true });
  watcher.observe(el);
}

function refresh(...ids) {
  for (const [id, chart] of charts) {
    if (ids.length && !ids.includes(id)) continue;
    chart.stale = true;
    paint(chart);
  }
}

function paint(chart) {
  if (!chart.near || !chart.stale || !window.Plotly) return;
  chart.stale = false;
  const figure = chart.build(chart.el.clientWidth);
  if (!figure) {
    Plotly.purge(chart.el);
    chart.el.textContent = "Nothing to show here.";
    chart.el.style.setProperty("--h", "auto");
    return;
  }
  if (!chart.el.classList.contains("js-plotly-plot")) chart.el.textContent = "";
  const height = figure.layout.height || parseInt(getComputedStyle(chart.el).height, 10);
  chart.el.style.setProperty("--h", `${height}px`);
  Plotly.react(chart.el, figure.data, styled(figure.layout, chart.el.clientWidth, height), {
    displaylogo: false,
    displayModeBar: figure.bar ? "hover" : false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
  });
}

function styled(layout, width, height) {
  const ink = css("--ink"), soft = css("--soft"), line = css("--line"), paper = css("--paper");
  const out = {
    width, height, margin: { l: 48, r: 12, t: 26, b: 40 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    dragmode: window.matchMedia("(pointer: coarse)").matches ? false : "zoom",
    hoverlabel: { bgcolor: paper, bordercolor: line, font: { color: ink, size: 12 }, align: "left" },
    showlegend: false,
    ...layout,
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink },
  };
  out.legend = { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)", ...layout.legend };
  for (const key of Object.keys(layout).filter((k) => /^[xy]axis/.test(k))) {
    const title = layout[key].title;
    out[key] = {
      gridcolor: line, zerolinecolor: line, linecolor: line, tickcolor: line, zeroline: false,
      tickfont: { color: soft, size: 11 }, ...layout[key],
      title: typeof title === "string" ? { text: title, font: { size: 12, color: soft }, standoff: 6 } : title,
    };
  }
  return out;
}

// Where the panels of the two networks stand: beside each other, or below on a narrow screen.
function panels(width, gap = 0.03) {
  if (width < NARROW) return { stacked: true, x: [[0, 1], [0, 1]], y: [[0.55, 1], [0, 0.43]] };
  return { stacked: false, x: [[0, 0.5 - gap / 2], [0.5 + gap / 2, 1]], y: [[0, 1], [0, 1]] };
}

function panelTitle(text, x, y, color) {
  return {
    text: `<b>${escaped(text)}</b>`, x: x[0], y: y[1], xref: "paper", yref: "paper", xanchor: "left",
    yanchor: "bottom", showarrow: false, font: { size: 12.5, color },
  };
}

function begin() {
  core = read("core");
  state.site = pair().worst;
  register();
  controls();
  // Two frames later the words are on the screen; only then the large library is read.
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(load, 0)));
}

function load() {
  const script = document.createElement("script");
  script.textContent = byId("plotly").textContent;
  document.head.append(script);
  refresh();
  const idle = window.requestIdleCallback || ((work) => setTimeout(work, 50));
  const rest = [...charts.values()];
  const step = () => {
    const next = rest.shift();
    if (!next) return void document.documentElement.setAttribute("data-ready", "");
    next.near = true;
    paint(next);
    idle(step);
  };
  idle(step);
  let width = window.innerWidth;
  let timer = 0;
  window.addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (window.innerWidth !== width) { width = window.innerWidth; refresh(); } }, 150);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => refresh());
}

function register() {
  chart("pic-psnr", psnrFigure);
  chart("pic-levels", worstFigure);
  chart("pic-reasons", meanReasonsFigure);
  chart("levels", layerFigure);
  chart("range", rangeFigure);
  chart("ridges", ridgeFigure);
  chart("dumbbells", intervalFigure);
  chart("heat", heatFigure);
  chart("reasons", reasonsFigure);
  chart("costs", costFigure);
  chart("gains", gainFigure);
  chart("paths", pathFigure);
}

document.addEventListener("DOMContentLoaded", begin);
