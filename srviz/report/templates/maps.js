// All layers at once: the heat map of a measure, and the waterfall layer by layer.

function heatFigure(width) {
  const metric = byId("metric").value;
  const nets = networks().map((net) => ({ ...net, heat: core.heat[net.label] })).filter((net) => net.heat.site && net.heat.metrics[metric]);
  if (!nets.length) return null;
  const sorted = byId("ordered").checked;
  const place = panels(width, 0.03);
  const sides = nets.map((net) => net.heat.metrics[metric].map((values) => {
    const order = values.map((value, channel) => ({ value, channel }));
    return sorted ? order.sort((a, b) => (a.value == null) - (b.value == null) || a.value - b.value) : order;
  }));
  const all = sides.flat(2).map((cell) => cell.value).filter((v) => v != null).sort((a, b) => a - b);
  // The outer percent of a long tail would leave one colour for everything else.
  const range = [quantile(all, 0.01), quantile(all, 0.99)];
  const rows = Math.max(...nets.map((net) => net.heat.site.length));
  const tall = Math.max(200, 126 + (rows > 60 ? 11 : 15) * rows);
  const left = width < NARROW ? 126 : 190;
  const layout = { height: place.stacked ? 2 * tall : tall, annotations: [], margin: { l: left, r: 8, t: 24, b: 100 }, coloraxis: {
    colorscale: "Cividis", cmin: range[0], cmax: range[1] > range[0] ? range[1] : range[0] + 1,
    // Under the middle of the drawing, names of layers included, so that its title has room.
    colorbar: { x: 0.5 - (place.stacked ? left / 2 / (width - left - 8) : 0), xanchor: "center", title: { text: escaped(core.metrics[metric]), side: "bottom", font: { size: 11.5, color: css("--soft") } }, orientation: "h", y: 0, yref: "paper", yanchor: "top", ypad: 40, thickness: 10, len: 0.6, outlinewidth: 0, tickfont: { color: css("--soft"), size: 11 } },
  } };
  const data = nets.map((net, k) => {
    const axis = k + 1;
    const x = place.x[k], y = place.y[k];
    const names = net.heat.site.map((site) => short(site, width < NARROW ? 19 : 30));
    layout[`xaxis${axis}`] = { domain: x, anchor: `y${axis}`, range: [-0.5, Math.max(...sides[k].map((row) => row.length)) - 0.5], showgrid: false, title: sorted ? "channels, sorted" : "channel", showticklabels: !sorted };
    layout[`yaxis${axis}`] = {
      domain: y, anchor: `x${axis}`, range: [names.length - 0.5, -0.5], showgrid: false, tickmode: "array", tickvals: names.map((_, i) => i), ticktext: names,
      showticklabels: k === 0 || place.stacked, tickfont: { size: rows > 60 ? 9 : 11, color: css("--soft") },
    };
    layout.annotations.push(panelTitle(net.name, x, y, net.color));
    return {
      type: "heatmap", z: sides[k].map((row) => row.map((cell) => cell.value)), y: names.map((_, i) => i), coloraxis: "coloraxis", xgap: 0, ygap: 1,
      text: sides[k].map((row, i) => row.map((cell) => `${names[i]}, channel ${cell.channel}`)), hoverongaps: false,
      hovertemplate: `%{text}<br>${net.name}: <b>%{z:.3g}</b><extra></extra>`, xaxis: `x${axis}`, yaxis: `y${axis}`,
    };
  });
  nets.forEach((net, k) => data.push(...brokenCells(net, sides[k], k + 1)));
  return { bar: true, data, layout };
}

// Crosses on the channels that hold NaN or infinite values.
function brokenCells(net, rows, axis) {
  const x = [], y = [], text = [];
  rows.forEach((row, i) => row.forEach(({ channel }, j) => {
    const broken = (layers(net.label).get(net.heat.site[i]) || {}).broken;
    if (broken && broken[channel]) { x.push(j); y.push(i); text.push(`channel ${channel}, ${net.name}: <b>${broken[channel]} values</b>`); }
  }));
  if (!x.length) return [];
  return [{ type: "scatter", mode: "markers", x, y, text, hovertemplate: "%{text}<extra></extra>", marker: { symbol: "x", size: 8, color: css("--bad"), line: { color: css("--paper"), width: 1 } }, xaxis: `x${axis}`, yaxis: `y${axis}` }];
}

function reasonsFigure(width) {
  const nets = networks().map((net) => ({ ...net, falls: core.waterfall[net.label] })).filter((net) => net.falls.site);
  if (!nets.length) return null;
  const place = panels(width, 0.03);
  const colors = gapColors();
  const names = Object.keys(core.gaps).filter((gap) => nets.some((net) => net.falls[gap]));
  const rows = Math.max(...nets.map((net) => net.falls.site.length));
  const totals = nets.flatMap((net) => net.falls.site.map((_, i) => names.reduce((sum, name) => sum + ((net.falls[name] || [])[i] || 0), 0)));
  const tall = Math.max(200, 110 + 16 * rows);
  const height = place.stacked ? 2 * tall : tall;
  const layout = {
    height, barmode: "stack", bargap: 0.18, showlegend: true, annotations: [],
    legend: { y: 1 + 22 / (height - 130), traceorder: "normal" }, margin: { l: width < NARROW ? 126 : 190, r: 8, t: place.stacked ? 130 : 72, b: 40 },
  };
  const data = [];
  nets.forEach((net, k) => {
    const axis = k + 1;
    const ticks = net.falls.site.map((site) => short(site, width < NARROW ? 19 : 30));
    layout[`xaxis${axis}`] = { domain: place.x[k], anchor: `y${axis}`, range: [0, 1.03 * Math.max(...totals, 0.1)], title: "dB lost" };
    layout[`yaxis${axis}`] = {
      domain: place.y[k], anchor: `x${axis}`, range: [ticks.length - 0.4, -0.6], showgrid: false, tickmode: "array", tickvals: ticks.map((_, i) => i), ticktext: ticks,
      showticklabels: k === 0 || place.stacked,
    };
    layout.annotations.push(panelTitle(net.name, place.x[k], place.y[k], net.color));
    names.forEach((name, i) => data.push({
      type: "bar", orientation: "h", name: escaped(core.gaps[name]), legendgroup: name, showlegend: k === 0, x: net.falls[name] || [], y: ticks.map((_, j) => j),
      text: ticks, textposition: "none", marker: { color: colors[i % 5] }, xaxis: `x${axis}`, yaxis: `y${axis}`,
      customdata: (net.falls.sqnr_db || []).map((v) => show(v)),
      hovertemplate: `%{text}, ${net.name}<br>${escaped(core.gaps[name])}: <b>%{x:.2f} dB</b><br>SQNR reached: %{customdata} dB<extra></extra>`,
    }));
  });
  return { bar: true, data, layout };
}
