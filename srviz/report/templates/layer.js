// One layer: levels and edges over the channels' ranges (F2, F3), and distributions (F1).

const quantile = (values, p) => {
  const sorted = values.filter((v) => v != null).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.round(p * (sorted.length - 1))] : 0;
};

// The part of the axis that a view shows: the ranges of most channels, or everything there is.
function span(layer, near) {
  const lows = [...layer.min], highs = [...layer.max];
  if (!near && layer.lo != null) { lows.push(layer.lo); highs.push(layer.hi); }
  const lo = near ? quantile(layer.min, 0.25) : quantile(lows, 0);
  const hi = near ? quantile(layer.max, 0.75) : quantile(highs, 1);
  const room = (near ? 0.18 : 0.03) * (hi - lo || 1);
  return [lo - room, hi + room];
}
const union = (spans) => [Math.min(...spans.map((s) => s[0])), Math.max(...spans.map((s) => s[1]))];

function hoverTexts(layer, label) {
  const heat = core.heat[label];
  const row = heat.site ? heat.site.indexOf(layer.site) : -1;
  const at = (name, c) => (row >= 0 && heat.metrics[name] ? heat.metrics[name][row][c] : undefined);
  return layer.min.map((low, c) => {
    const lines = [`<b>channel ${c}</b>`, `${show(low)} to ${show(layer.max[c])}`];
    if (layer.q01) lines.push(`1 % to 99 %: ${show(layer.q01[c])} to ${show(layer.q99[c])}`);
    if (layer.mean) lines.push(`mean ${show(layer.mean[c])}, std ${show(layer.std[c])}`);
    for (const [name, what] of [["levels_in_range", "levels in range"], ["effective_bits", "effective bits"], ["sqnr_db", "SQNR (dB)"]]) {
      const value = at(name, c);
      if (value !== undefined) lines.push(`${what}: <b>${show(value)}</b>`);
    }
    if (layer.broken && layer.broken[c]) lines.push(`<b>${layer.broken[c]} values are NaN or infinite</b>`);
    return lines.join("<br>");
  });
}

// Horizontal strokes: across all channels, or one short stroke per channel for per-channel grids.
// A point per channel makes a line answer wherever it is pointed at.
function strokes(values, channels, say) {
  const x = [], y = [], text = [];
  const add = (list, from, to) => list.forEach((value, i) => {
    const stops = to - from > 1 && list.length <= 32 ? Array.from({ length: channels + 1 }, (_, c) => c - 0.5) : [from, to];
    for (const stop of stops) { x.push(stop); y.push(value); text.push(say(i, value, list.length)); }
    x.push(null); y.push(null); text.push("");
  });
  if (Array.isArray(values[0])) values.forEach((list, c) => add(list, c - 0.45, c + 0.45));
  else add(values, -0.5, channels - 0.5);
  return { x, y, text };
}

function layerTraces(layer, label, axis, mass) {
  const channels = layer.min.length;
  const index = layer.min.map((_, c) => c);
  const texts = hoverTexts(layer, label);
  const where = { xaxis: `x${axis}`, yaxis: `y${axis}` };
  const bar = (low, high, width, color) => ({
    type: "bar", x: index, base: low, y: high.map((v, c) => v - low[c]), width, marker: { color, line: { width: 0 } },
    text: texts, textposition: "none", hovertemplate: "%{text}<extra></extra>", ...where,
  });
  const data = [bar(layer.min, layer.max, 0.8, css("--range"))];
  if (layer.q01) data.push(bar(layer.q01, layer.q99, 0.8, css("--inner")));
  if (layer.levels) {
    const share = (i) => (layer.mass ? `<br>holds ${show(100 * layer.mass[i], 2)} % of the values` : "");
    const edges = strokes(layer.edges, channels, () => "");
    const levels = strokes(layer.levels, channels, (i, v, n) => `level ${i + 1} of ${n}: <b>${show(v, 4)}</b>${share(i)}<br>interval ${show(layer.interval, 4)}`);
    data.push({ type: "scatter", mode: "lines", x: edges.x, y: edges.y, hoverinfo: "skip", line: { color: css("--edge"), width: 1, dash: "dot" }, ...where });
    data.push({ type: "scatter", mode: "lines", ...levels, hovertemplate: "%{text}<extra></extra>", line: { color: css("--level"), width: 1.4 }, ...where });
  }
  if (layer.broken) {
    const bad = index.filter((c) => layer.broken[c]);
    data.push({
      type: "scatter", mode: "markers", x: bad, y: bad.map(() => 0), marker: { symbol: "x", size: 9, color: css("--ink") },
      text: bad.map((c) => texts[c]), hovertemplate: "%{text}<extra></extra>", ...where,
    });
  }
  if (mass && layer.mass) {
    data.push({
      type: "bar", orientation: "h", y: layer.levels, x: layer.mass, width: layer.interval * 0.7, marker: { color: css("--level") },
      hovertemplate: "level %{y:.4g}: <b>%{x:.1%}</b> of the values<extra></extra>", xaxis: `x${axis + 2}`, yaxis: `y${axis}`,
    });
  }
  return data;
}

function levelsFigure(site, width, { near, own, mass, height }) {
  const nets = networks().map((net) => ({ ...net, layer: layers(net.label).get(site) })).filter((net) => net.layer);
  if (!nets.length) return null;
  const place = panels(width, own || mass ? 0.07 : 0.03);
  const spans = nets.map((net) => span(net.layer, near));
  const layout = { height: place.stacked ? height * 1.5 : height, barmode: "overlay", bargap: 0.1, hovermode: "closest", annotations: [], margin: { l: 46, r: 8, t: 24, b: 38 } };
  const data = [];
  nets.forEach((net, k) => {
    const [left, right] = nets.length === 1 ? [0, 1] : place.x[k];
    const cut = mass ? right - (place.stacked ? 0.16 : 0.075) : right;
    const y = nets.length === 1 ? [0, 1] : place.y[k];
    const axis = k + 1;
    layout[`xaxis${axis}`] = { domain: [left, cut], anchor: `y${axis}`, range: [-0.7, net.layer.min.length - 0.3], showgrid: false, title: "channel" };
    layout[`yaxis${axis}`] = { domain: y, anchor: `x${axis}`, range: own ? spans[k] : union(spans), showgrid: false, zeroline: true, showticklabels: own || mass || k === 0 };
    if (mass) layout[`xaxis${axis + 2}`] = { domain: [cut + 0.008, right], anchor: `y${axis}`, range: [0, 1.08 * Math.max(...(net.layer.mass || [1]))], showticklabels: false, showgrid: false, fixedrange: true, title: "share", ticks: "" };
    layout.annotations.push(panelTitle(net.name, [left, cut], y, net.color));
    data.push(...layerTraces(net.layer, net.label, axis, mass));
  });
  return { bar: mass, data, layout };
}

const worstFigure = (width) => levelsFigure(pair().worst, Math.max(width, NARROW), { near: false, own: false, mass: false, height: 300 });

function layerFigure(width) {
  const near = document.querySelector('input[name="zoom"]:checked').value === "near";
  return levelsFigure(state.site, width, { near, own: byId("own").checked, mass: true, height: 440 });
}

const CODES = new Map([..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].map((c, i) => [c, i / 63]));

function ridges(dist, k, axis) {
  const bins = dist.curves[k][0].length;
  const step = (dist.hi - dist.lo) / bins;
  const x = [], y = [], text = [];
  dist.curves[k].forEach((curve, row) => {
    const say = `channel ${dist.channels[row]}, ${escaped(dist.images[k])}<br>exact zeros: ${show(100 * (dist.zeros[k][row] || 0), 2)} %`;
    const put = (px, py) => { x.push(px); y.push(py); text.push(say); };
    // Empty tails are left out, or their base lines would crowd the drawing.
    const heights = [...curve].map((code) => CODES.get(code));
    const from = heights.findIndex((h) => h > 0), to = heights.findLastIndex((h) => h > 0);
    if (from < 0) { put(dist.lo, row); put(dist.hi, row); put(null, null); return; }
    put(dist.lo + from * step, row);
    for (let i = from; i <= to; i += 1) put(dist.lo + (i + 0.5) * step, row - 1.5 * heights[i]);
    put(dist.lo + (to + 1) * step, row);
    put(null, null);
  });
  const color = css(`--image${k + 1}`);
  return {
    type: "scatter", mode: "lines", name: escaped(dist.images[k]), legendgroup: String(k), showlegend: axis === 1, x, y, text,
    hovertemplate: "%{text}<extra></extra>", line: { color, width: 1.2, dash: k ? "4px,1.5px" : "solid" }, fill: k ? "none" : "toself", fillcolor: `${color}40`, xaxis: `x${axis}`, yaxis: `y${axis}`,
  };
}

function ridgeFigure(width) {
  const nets = networks().map((net) => ({ ...net, dist: (layers(net.label).get(state.site) || {}).dist })).filter((net) => net.dist);
  if (!nets.length) return null;
  const place = panels(width, 0.09);
  const rows = Math.max(...nets.map((net) => net.dist.channels.length));
  const layout = { height: (place.stacked ? 2 : 1) * (110 + 19 * rows), showlegend: true, hovermode: "closest", annotations: [], margin: { l: 46, r: 8, t: 58, b: 38 }, legend: { y: place.stacked ? 1.025 : 1.05 } };
  const data = [];
  nets.forEach((net, k) => {
    const axis = k + 1;
    const { dist } = net;
    const one = nets.length === 1;
    layout[`xaxis${axis}`] = { domain: one ? [0, 1] : place.x[k], anchor: `y${axis}`, range: [dist.lo, dist.hi], title: "activation" };
    layout[`yaxis${axis}`] = {
      domain: one ? [0, 1] : place.y[k], anchor: `x${axis}`, range: [dist.channels.length - 0.5, -2], showgrid: false, title: "channel",
      tickmode: "array", tickvals: dist.channels.map((_, i) => i), ticktext: dist.channels.map(String),
    };
    const label = dist.channels.length < dist.of ? `${net.name} (${dist.channels.length} of ${dist.of} channels)` : net.name;
    layout.annotations.push(panelTitle(label, one ? [0, 1] : place.x[k], one ? [0, 1] : place.y[k], net.color));
    dist.images.forEach((_, i) => data.push(ridges(dist, i, axis)));
  });
  return { bar: true, data, layout };
}
