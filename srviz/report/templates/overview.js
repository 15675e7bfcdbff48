// PSNR against bits, the mean waterfall, intervals, and what each layer costs.

function networks() {
  return [
    { label: pair().plain, name: "without BN", color: css("--plain"), symbol: "circle" },
    { label: pair().bn, name: "with BN", color: css("--bn"), symbol: "diamond" },
  ];
}

function psnrFigure() {
  const scores = core.scores[byId("condition") ? byId("condition").selectedIndex : 0];
  if (!scores) return null;
  const data = [], annotations = [], shapes = [];
  const widths = new Set();
  const found = {};
  for (const net of networks()) {
    const points = (scores.psnr[net.label] || []).filter(([, psnr]) => psnr != null);
    found[net.label] = new Map(points);
    const low = points.filter(([bits]) => bits < 32).reverse();
    low.forEach(([bits]) => widths.add(bits));
    data.push({
      type: "scatter", mode: "lines+markers", name: net.name, x: low.map(([b]) => `${b}`), y: low.map(([, v]) => v),
      line: { color: net.color, width: 2.5 }, marker: { color: net.color, size: 8, symbol: net.symbol },
      hovertemplate: `${net.name}, %{x} bits: <b>%{y:.2f} dB</b><extra></extra>`,
    });
    const full = found[net.label].get(32);
    if (full != null) {
      shapes.push({ type: "line", xref: "paper", x0: 0, x1: 1, y0: full, y1: full, line: { color: net.color, width: 1.3, dash: "dot" } });
    }
  }
  const [one, other] = networks().map((net) => found[net.label].get(pair().keyBits));
  if (one != null && other != null && Math.abs(other - one) >= 0.005) {
    const gain = other - one;
    shapes.push({ type: "line", x0: `${pair().keyBits}`, x1: `${pair().keyBits}`, y0: one, y1: other, line: { color: css("--soft"), width: 1 } });
    annotations.push({
      x: `${pair().keyBits}`, y: (one + other) / 2, text: `<b>${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(2)} dB</b>`,
      showarrow: false, xanchor: "right", xshift: -7, font: { size: 13 }, bgcolor: css("--paper"), borderpad: 1,
    });
  }
  const order = [...widths].sort((a, b) => b - a).map(String);
  return {
    data,
    layout: {
      height: 300, shapes, annotations, showlegend: true, margin: { l: 46, r: 10, t: 28, b: 40 },
      xaxis: { title: "bits", type: "category", categoryorder: "array", categoryarray: order, showgrid: false },
      yaxis: { title: "PSNR (dB)" },
    },
  };
}

const gapColors = () => [1, 2, 3, 4, 5].map((i) => css(`--gap${i}`));
const mean = (values) => {
  const known = values.filter((v) => v != null);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
};

function meanReasonsFigure(width) {
  const nets = networks().filter((net) => core.waterfall[net.label].site);
  if (!nets.length) return null;
  const colors = gapColors();
  const names = Object.keys(core.gaps).filter((gap) => nets.some((net) => core.waterfall[net.label][gap]));
  const gaps = nets.map((net) => names.map((name) => mean(core.waterfall[net.label][name] || [])));
  const totals = gaps.map((g) => g.reduce((a, b) => a + (b || 0), 0));
  const longest = Math.max(...totals);
  const data = names.map((name, i) => ({
    type: "bar", orientation: "h", name: escaped(core.gaps[name]), y: nets.map((net) => net.name), x: gaps.map((g) => g[i]),
    marker: { color: colors[i % 5] }, width: 0.62,
    text: gaps.map((g) => (g[i] > 0.07 * longest ? g[i].toFixed(1) : "")), textposition: "inside", insidetextanchor: "middle", textangle: 0,
    insidetextfont: { color: "#111", size: 12 }, constraintext: "none",
    hovertemplate: `%{y}: <b>%{x:.2f} dB</b><br>${escaped(core.gaps[name])}<extra></extra>`,
  }));
  const annotations = nets.map((net, i) => ({
    x: totals[i], y: net.name, text: `<b>${totals[i].toFixed(1)} dB</b>`,
    xanchor: "left", showarrow: false, xshift: 4,
  }));
  return {
    data,
    layout: {
      height: 300, barmode: "stack", annotations, showlegend: true, margin: { l: 76, r: 54, t: 8, b: 138 },
      legend: { y: -0.42, yanchor: "top", x: width < 420 ? -0.24 : -0.1, traceorder: "normal", font: { size: 12 } },
      xaxis: { title: "dB lost", rangemode: "tozero" },
      yaxis: { autorange: "reversed", showgrid: false, tickfont: { size: 12, color: css("--ink") } },
    },
  };
}

// Ticks at 1, 2 and 5 times the powers of ten, written out.
function decades(values) {
  const tickvals = [];
  for (let e = Math.floor(Math.log10(Math.min(...values))); e <= Math.log10(Math.max(...values)); e += 1) {
    tickvals.push(...[1, 2, 5].map((k) => k * 10 ** e));
  }
  return { tickvals, ticktext: tickvals.map((v) => show(v)) };
}

function intervalFigure(width) {
  const chosen = byId("criterion").value;
  const sides = networks().map((net) => ({ net, table: core.intervals[net.label][chosen] }));
  if (sides.some((side) => !side.table)) return null;
  const maps = sides.map(({ table }) => new Map(table.site.map((site, i) => [site, table.interval[i]])));
  const sites = sides[0].table.site.filter((site) => maps.every((m) => m.get(site) > 0));
  if (!sites.length) return null;
  const names = sites.map((site) => short(site, width < NARROW ? 20 : 34));
  const bridge = { x: [], y: [] };
  sites.forEach((site, i) => {
    bridge.x.push(maps[0].get(site), maps[1].get(site), null);
    bridge.y.push(i, i, null);
  });
  const data = [{ type: "scatter", mode: "lines", ...bridge, line: { color: css("--line"), width: 4 }, hoverinfo: "skip", showlegend: false }];
  sides.forEach(({ net }, k) => {
    data.push({
      type: "scatter", mode: "markers", name: net.name, x: sites.map((site) => maps[k].get(site)), y: sites.map((_, i) => i),
      marker: { color: net.color, size: 9, symbol: net.symbol }, text: names,
      customdata: sites.map((site) => maps[0].get(site) / maps[1].get(site)),
      hovertemplate: `%{text}<br>${net.name}: <b>%{x:.4g}</b><br>without / with: %{customdata:.2f}<extra></extra>`,
    });
  });
  return {
    bar: true, data,
    layout: {
      height: Math.max(220, 90 + 17 * sites.length), showlegend: true, margin: { l: width < NARROW ? 128 : 200, r: 14, t: 30, b: 42 },
      xaxis: { title: "interval", type: "log", tickmode: "array", ...decades(sites.flatMap((site) => maps.map((m) => m.get(site)))) },
      yaxis: { tickmode: "array", tickvals: sites.map((_, i) => i), ticktext: names, range: [sites.length - 0.4, -0.6], showgrid: false },
    },
  };
}

function ranks(values) {
  const order = values.map((v, i) => [v, i]).sort((a, b) => a[0] - b[0]);
  const out = new Array(values.length);
  for (let i = 0; i < order.length;) {
    let j = i;
    while (j + 1 < order.length && order[j + 1][0] === order[i][0]) j += 1;
    for (let k = i; k <= j; k += 1) out[order[k][1]] = (i + j) / 2;
    i = j + 1;
  }
  return out;
}

function spearman(a, b) {
  const [ra, rb] = [ranks(a), ranks(b)];
  const m = (a.length - 1) / 2;
  const dot = (x, y) => x.reduce((sum, v, i) => sum + (v - m) * (y[i] - m), 0);
  const spread = Math.sqrt(dot(ra, ra) * dot(rb, rb));
  return spread > 0 ? dot(ra, rb) / spread : null;
}

function costFigure() {
  const says = [];
  const data = networks().map((net) => {
    const table = core.sensitivity[net.label];
    const rows = (table.site || []).map((site, i) => ({ site, x: table.gap[i], y: table.cost[i], relief: table.relief[i] }))
      .filter((row) => row.x != null && row.y != null);
    const rho = rows.length > 3 ? spearman(rows.map((r) => r.x), rows.map((r) => r.y)) : null;
    if (rho != null) says.push(`${rho.toFixed(2).replace("-", "−")} ${net.name}`);
    return {
      type: "scatter", mode: "markers", name: net.name, x: rows.map((r) => r.x), y: rows.map((r) => r.y),
      marker: { color: net.color, size: 10, symbol: net.symbol, opacity: 0.85 },
      text: rows.map((r) => short(r.site)), customdata: rows.map((r) => show(r.relief)),
      hovertemplate: `%{text}, ${net.name}<br>costs alone: <b>%{y:.3f} dB</b><br>left out of the quantization brings: %{customdata} dB<br>unfit by %{x:.1f} dB<extra></extra>`,
    };
  });
  byId("rank").textContent = says.length ? `Rank correlation: ${says.join(", ")}.` : "";
  if (data.every((trace) => !trace.x.length)) return null;
  return {
    bar: true, data,
    layout: {
      height: 420, showlegend: true, margin: { l: 56, r: 14, t: 30, b: 44 },
      xaxis: { title: "distance to the best quantizer (dB of SQNR)" }, yaxis: { title: "PSNR lost (dB)", zeroline: true },
    },
  };
}
