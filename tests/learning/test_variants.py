"""The list of variants: nothing twice, nothing left out."""

from moirespin.learning.changes import Changes
from moirespin.learning.variants import JOINT, OWN, PAPER, VARIANTS, is_trained
from moirespin.learning.varied_samples import PARTS_OF_GAUGE
from moirespin.learning.varied_tasks import LESSONS, SIGHTS


def test_no_two_variants_train_the_same_networks():
    trained = [
        (each.changes, network)
        for each in VARIANTS.values()
        if is_trained(each)
        for network in each.networks
    ]
    assert len(set(trained)) == len(trained)
    assert all(changes != Changes() for changes, _ in trained)
    labels = [(each.choice, each.value, each.networks) for each in VARIANTS.values()]
    assert len(set(labels)) == len(labels)


def test_changes_are_known():
    for each in VARIANTS.values():
        assert set(each.changes.free) <= set(PARTS_OF_GAUGE)
        assert each.changes.split in ("set", "angle", "same angles")
        assert each.changes.sees in (None, *(sees for _, sees in SIGHTS))
        assert each.changes.learns in (None, *LESSONS)
        assert each.networks in (PAPER, JOINT, PAPER + JOINT)


def test_all_sixteen_networks_between_the_papers_and_the_joint_one_are_there():
    between = [name for name in VARIANTS if name.startswith(("paper_", "joint_"))]
    assert len(between) + len(OWN) == 2**4
