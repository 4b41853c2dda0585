"""Counts of phases by hand."""

import numpy as np

import mocks
from moirespin.analysis.phase_counts import phase_shares
from moirespin.io import netcdf
from moirespin.io.schemas.states import PHASE_DIAGRAM


def test_phase_shares_by_hand():
    diagram = mocks.dataset(PHASE_DIAGRAM, set=6, start=2)
    diagram["twist_index"][:] = [8, 8, 8, 9, 9, 9]
    diagram["phase"][:] = [0, 1, 1, 2, 0, netcdf.UNDETERMINED]
    diagram["converged"][:] = [1, 1, 0, 1, 1, 0]
    shares = phase_shares(diagram).set_index("twist_index")
    counts = shares[["sets", "fm", "ncd", "md", "undetermined", "not_converged"]]
    assert counts.loc[8].tolist() == [3, 1, 2, 0, 0, 1]
    assert counts.loc[9].tolist() == [3, 1, 0, 1, 1, 1]
    assert counts.loc["all"].tolist() == [6, 2, 2, 1, 1, 2]
    names = ["fm_share", "ncd_share", "md_share", "undetermined_share"]
    np.testing.assert_allclose(shares.loc["all", names].astype(float), [2 / 6, 2 / 6, 1 / 6, 1 / 6])
