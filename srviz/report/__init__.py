"""One self-contained HTML page: what was found, in words, pictures and tables."""

from __future__ import annotations

from srviz.report.data import ReportData
from srviz.report.page import render, report

__all__ = ["ReportData", "render", "report"]
