"""Stretch: tells plotly's figures how wide the notebook is."""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets as widgets


class Stretch(anywidget.AnyWidget):
    """An empty line that announces each change of its width as a change of the window's.

    A FigureWidget is drawn before it stands in the page, 700 pixels wide, and a responsive one
    listens to the window only. This line makes it fill the notebook as soon as it is drawn, and
    again when a sidebar opens or closes.
    """

    _esm = """
    const DRAWN = "plotlywidget-after-render";
    export default {
      render({ el }) {
        const announce = () => window.dispatchEvent(new Event("resize"));
        const watcher = new ResizeObserver(announce);
        watcher.observe(el);
        document.addEventListener(DRAWN, announce);
        return () => {
          watcher.disconnect();
          document.removeEventListener(DRAWN, announce);
        };
      },
    };
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(layout=widgets.Layout(width="100%", height="0"), **kwargs)
