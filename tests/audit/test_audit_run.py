"""What a caller of the audit gets."""

from pathlib import Path

from marsad.audit.run import audit
from marsad.settings import PROJECT_DIR

SHIPPED = PROJECT_DIR / "expectations"


def test_a_faultless_night_passes_every_rule(night, tmp_path: Path) -> None:
    result = audit(night.con, run_id="r1", suites=[SHIPPED], docs_dir=tmp_path / "docs")
    failed = [row for row in result.validations.iter_rows(named=True) if not row["success"]]
    assert failed == []
    assert result.blocked == ()
    assert result.warnings == ()
    assert result.rejected.is_empty()
