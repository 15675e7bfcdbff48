// PSNR against bits, the mean waterfall, intervals, and what each layer costs.

function networks() {
  return [
    { label: pair().plain, name: "without BN", color: css("--plain"), symbol: "circle" },
    { label: pair().bn, name: "with BN", color: css("--bn"), symbol: "diamond" },
  ];
}

function psnrFigure() {
  const scores = core.scores[byId("condition") ? byId("condition").selectedIndex : pair().condition];
  if (!scores) return null;
  const nets = networks().map((net) => ({ ...net, psnr: new Map((scores.psnr[net.label] || []).filter(([, psnr]) => psnr != null)) }));
  // The widths stand at equal distances, the widest first.
  const widths = [...new Set(nets.flatMap((net) => [...net.psnr.keys()]))].filter((bits) => bits < 32).sort((a, b) => b - a);
  const data = nets.map((net) => {
    const known = widths.filter((bits) => net.psnr.has(bits));
    return {
      type: "scatter", mode: "lines+markers", name: net.name, x: known.map((bits) => widths.indexOf(bits)), y: known.map((bits) => net.psnr.get(bits)),
      line: { color: net.color, width: 2.5 }, marker: { color: net.color, size: 8, symbol: net.symbol },
      text: known.map((bits) => `${net.name}, ${bits} bits`), hovertemplate: "%{text}: <b>%{y:.2f} dB</b><extra></extra>",
    };
  });
  const across = (y, color, dash) => ({ type: "line", xref: "paper", x0: 0, x1: 1, y0: y, y1: y, line: { color, width: 1.3, dash } });
  const shapes = nets.filter((net) => net.psnr.has(32)).map((net) => across(net.psnr.get(32), net.color, "dot"));
  const annotations = [];
  for (const [name, psnr] of Object.entries(scores.baselines)) {
    shapes.push(across(psnr, css("--soft"), "dash"));
    annotations.push({ xref: "paper", x: 0, y: psnr, text: escaped(name), showarrow: false, xanchor: "left", yanchor: "bottom", xshift: 3, font: { size: 11.5, color: css("--soft") } });
  }
  const x = widths.indexOf(pair().keyBits);
  const [one, other] = nets.map((net) => net.psnr.get(pair().keyBits));
  if (x >= 0 && Math.abs(other - one) >= 0.005) {
    const gain = other - one;
    shapes.push({ type: "line", x0: x, x1: x, y0: one, y1: other, line: { color: css("--soft"), width: 1 } });
    annotations.push({
      x, y: Math.min(one, other), text: `<b>${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(2)} dB</b>`,
      showarrow: false, xanchor: "right", xshift: 8, yanchor: "top", yshift: -7, font: { size: 13 },
    });
  }
  // Shapes do not stretch an axis, so it is set: all lines, and room for the gain below.
  const seen = [...nets.flatMap((net) => [...net.psnr.values()]), ...Object.values(scores.baselines)].filter((v) => v != null);
  const [least, most] = [Math.min(...seen), Math.max(...seen)];
  const room = most - least || 1;
  return {
    data,
    layout: {
      height: 296, shapes, annotations, showlegend: true, margin: { l: 46, r: 10, t: 28, b: 40 },
      xaxis: { title: "bits of the activations", tickmode: "array", tickvals: widths.map((_, i) => i), ticktext: widths.map(String), range: [-0.3, widths.length - 0.7], showgrid: false },
      yaxis: { title: "PSNR (dB)", range: [least - 0.14 * room, most + 0.05 * room] },
    },
  };
}

const gapColors = () => [1, 2, 3, 4, 5].map((i) => css(`--gap${i}`));
const mean = (values) => {
  const known = values.filter((v) => v != null);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
};

// Kind by kind of layer, a bar without and a bar with BN.
function meanReasonsFigure(width) {
  const nets = networks().map((net) => ({ ...net, falls: core.waterfall[net.label] })).filter((net) => net.falls.site);
  if (!nets.length) return null;
  const colors = gapColors();
  const names = Object.keys(core.gaps).filter((gap) => nets.some((net) => net.falls[gap]));
  const bars = Object.keys(nets[0].falls.kinds).flatMap((kind, k) => nets.map((net, i) => ({
    kind, net, y: k + 0.4 * i, first: i === 0,
    gaps: names.map((name) => mean((net.falls.kinds[kind] || []).map((j) => (net.falls[name] || [])[j])) || 0),
  })));
  const totals = bars.map((bar) => bar.gaps.reduce((a, b) => a + b, 0));
  const longest = Math.max(...totals, 0.1);
  const left = 120, right = 50;
  const fits = (value) => (value / longest) * (width - left - right) > 26;
  const data = names.map((name, i) => ({
    type: "bar", orientation: "h", name: escaped(core.gaps[name]), y: bars.map((bar) => bar.y), x: bars.map((bar) => bar.gaps[i]),
    marker: { color: colors[i % 5] }, width: 0.34,
    text: bars.map((bar) => (fits(bar.gaps[i]) ? bar.gaps[i].toFixed(1) : "")), textposition: "inside", insidetextanchor: "middle", textangle: 0,
    insidetextfont: { color: i % 5 === 2 ? "#fff" : "#111", size: 11 }, constraintext: "none",
    customdata: bars.map((bar) => `${escaped(bar.kind)}, ${bar.net.name}`),
    hovertemplate: `%{customdata}: <b>%{x:.2f} dB</b><br>${escaped(core.gaps[name])}<extra></extra>`,
  }));
  const annotations = bars.map((bar, i) => ({
    x: totals[i], y: bar.y, text: `<b>${totals[i].toFixed(1)}</b>`, xanchor: "left", showarrow: false, xshift: 3, font: { size: 11.5, color: bar.net.color },
  }));
  const kinds = Object.keys(nets[0].falls.kinds).length;
  return {
    data,
    layout: {
      height: 296, barmode: "stack", annotations, showlegend: true, margin: { l: left, r: right, t: 6, b: 112 },
      legend: { y: -0.3, yanchor: "top", x: -left / Math.max(width - left - right, 1), xanchor: "left", traceorder: "normal", font: { size: 11 }, itemwidth: 30 },
      xaxis: { title: { text: "dB of SQNR lost", standoff: 2, font: { size: 12, color: css("--soft") } }, range: [0, longest * 1.02] },
      yaxis: {
        range: [kinds - 0.35, -0.3], showgrid: false, tickmode: "array", tickvals: bars.map((bar) => bar.y), tickfont: { size: 11.5, color: css("--ink") },
        ticktext: bars.map((bar) => (bar.first ? `<b>${short(bar.kind, 14)}</b> without` : "with")),
      },
    },
  };
}

// Ticks at 1, 2 and 5 times the powers of ten, written out; only the powers if there are many.
function decades(values) {
  const tickvals = [];
  const steps = Math.max(...values) / Math.min(...values) > 200 ? [1] : [1, 2, 5];
  for (let e = Math.floor(Math.log10(Math.min(...values))); e <= Math.log10(Math.max(...values)); e += 1) {
    tickvals.push(...steps.map((k) => k * 10 ** e));
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

// The names that can stand right of their points without covering a name or a point.
function freeLabels(named, points, axis, width) {
  const xs = points.map((p) => axis(p.x)), ys = points.map((p) => p.y);
  const dx = (Math.max(...xs) - Math.min(...xs)) * (120 / Math.max(width - 90, 1)), dy = (Math.max(...ys) - Math.min(...ys)) * 0.035;
  const kept = [];
  const right = Math.max(...xs);
  for (const row of [...named].sort((a, b) => b.y - a.y)) {
    const near = (p, from) => axis(p.x) - axis(row.x) > from && axis(p.x) - axis(row.x) < dx && Math.abs(p.y - row.y) < dy;
    if (axis(row.x) + dx < right && !points.some((p) => near(p, 0)) && !kept.some((p) => near(p, -dx))) kept.push(row);
  }
  return kept;
}

function costFigure(width) {
  const measure = byId("measure").value;
  const axis = (x) => (measure === "mse" ? Math.log10(x) : x);
  const says = [], named = [], points = [];
  const data = networks().map((net) => {
    const table = core.sensitivity[net.label];
    const rows = (table.site || []).map((site, i) => ({ site, x: (table[measure] || [])[i], y: table.cost[i], relief: table.relief[i] }))
      .filter((row) => row.x != null && row.y != null);
    const rho = rows.length > 3 ? spearman(rows.map((r) => r.x), rows.map((r) => r.y)) : null;
    if (rho != null) says.push(`${rho.toFixed(2).replace("-", "−")} ${net.name}`);
    const costly = [...rows].sort((a, b) => b.y - a.y).slice(0, 3);
    named.push(...costly.map((row) => ({ ...row, net })));
    points.push(...rows);
    return {
      type: "scatter", mode: "markers", name: net.name, x: rows.map((r) => r.x), y: rows.map((r) => r.y),
      marker: { color: net.color, size: 10, symbol: net.symbol, opacity: 0.85 },
      text: rows.map((r) => short(r.site)), customdata: rows.map((r) => show(r.relief)),
      hovertemplate: `%{text}, ${net.name}<br>costs alone: <b>%{y:.3f} dB</b><br>sparing it among all brings: %{customdata} dB<br>${escaped(core.measures[measure])}: %{x:.3g}<extra></extra>`,
    };
  });
  byId("rank").textContent = says.length ? `Rank correlation (1: the order is the same, 0: no relation, −1: reversed): ${says.join(", ")}.` : "";
  if (data.every((trace) => !trace.x.length)) return null;
  const annotations = freeLabels(named, points, axis, width).map((row) => ({
    x: axis(row.x), y: row.y, text: short(row.site, 24), showarrow: false, xanchor: "left", xshift: 7, font: { size: 11, color: row.net.color },
  }));
  return {
    bar: true, data,
    layout: {
      height: 420, showlegend: true, annotations, margin: { l: 56, r: 14, t: 30, b: 44 },
      xaxis: { title: escaped(core.measures[measure]), type: measure === "mse" ? "log" : "linear", ...(measure === "mse" ? decades(data.flatMap((trace) => trace.x)) : {}) },
      yaxis: { title: "PSNR lost (dB)", zeroline: true },
    },
  };
}
