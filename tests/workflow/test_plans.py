"""Configs drawn from the schema, through Snakemake: what is valid can be planned."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import strategies
from moirespin.pipeline.config_check import load_schema

pytestmark = pytest.mark.workflow

PROJECT = Path(__file__).parents[2]
SCHEMA = load_schema(PROJECT / "workflow/schemas/config.schema.yaml")
# Each angle of a plan is cut into this many shards at most.
MOST_SHARDS = 3
FEWEST_SETS = 60
# A fit needs fewer waves than the shipped tables have shifts.
MOST_SHELLS = 6


# A plan takes seconds: few, always the same, and no search for a simpler one that fails too.
@settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(config=strategies.configs(SCHEMA))
def test_config_of_the_schema_is_planned(config, project, planned):
    sweep, stacking = config["sweep"], config["interlayer"]["stacking_map"]
    # Enough for the trainings, whatever else is drawn.
    sweep["sets_per_angle"] = max(sweep["sets_per_angle"], FEWEST_SETS)
    for part in ("test_fraction", "validation_fraction"):
        config["split"][part] = min(max(config["split"][part], 0.1), 0.5)
    fewest = -(-sweep["sets_per_angle"] // MOST_SHARDS)
    sweep["sets_per_shard"] = max(sweep["sets_per_shard"], fewest)
    stacking["shells"] = min(stacking["shells"], MOST_SHELLS)
    jobs = planned(project, changes=config)
    angles = len(sweep["twist_indices"])
    assert len(jobs["trace_lines"]) == angles
    shards = angles * -(-sweep["sets_per_angle"] // sweep["sets_per_shard"])
    assert len(jobs["relax_shard"]) == shards
    (outputs,) = jobs["phases"]
    assert outputs.startswith(f"results/{config['run']}/tables/phases.csv")
