"""Vendors' times, in each form of their samples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank.model.times import read_time

ZONES = st.integers(-14 * 60, 14 * 60).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)


@given(st.datetimes(), st.sampled_from("T -t_"))
def test_a_time_without_a_zone_is_utc(moment: datetime, separator: str) -> None:
    """A time without a zone is UTC, with any separator."""
    assert read_time(moment.isoformat(separator)) == moment.replace(tzinfo=UTC)


@given(st.datetimes(timezones=ZONES), st.sampled_from("T-"))
def test_a_time_with_a_zone_keeps_it(moment: datetime, separator: str) -> None:
    """The offset of a time is kept."""
    read = read_time(moment.isoformat(separator))
    assert read == moment
    assert read.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-02-00:50:58.484840+00:00",
        "2021-02-02T00:50:58.484840",
        "2021-02-02T00:50:58.484840Z",
        "2021-02-02T00:50:58.484840+00",
    ],
)
def test_each_form_of_the_samples_is_read(text: str) -> None:
    """A hyphen, no zone, Z and a short offset are the same moment."""
    assert read_time(text) == datetime(2021, 2, 2, 0, 50, 58, 484840, UTC)


@pytest.mark.parametrize(
    "text", ["", "2021-02-02", "20210202", "soon", "2021-13-01T00:00"]
)
def test_a_date_is_no_time(text: str) -> None:
    """A date without a time raises ValueError."""
    with pytest.raises(ValueError, match=r".+"):
        read_time(text)
