"""The night's report: one page that stands alone, made from the published file."""

from marsad.serve.report.build import Report, build_report, report_path

__all__ = ["Report", "build_report", "report_path"]
