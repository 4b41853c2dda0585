"""The config's check and what the rules look up in it; defines no rule."""

import os
import sys
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from snakemake.logging import logger
from snakemake.utils import update_config

from moirespin.analysis.registry import ANALYSES, RANGES
from moirespin.figures.registry import FIGURES
from moirespin.learning.variants import VARIANTS, is_trained
from moirespin.physics.lattice import twist_angle_deg
from moirespin.physics.stacking import fit_table
from moirespin.pipeline import fingerprint as fingerprints
from moirespin.pipeline import products
from moirespin.pipeline.command_line import nested_values, same_run
from moirespin.pipeline.config_check import check_config, check_split, load_schema
from moirespin.states.parameter_space import Box
from moirespin.states.sweep import Sweep, list_shards
from moirespin.textures.angles import list_angles

GIVEN = workflow.config_settings
update_config(config, nested_values(GIVEN.config))
# Errors of jobs name this command as part of their remedy.
os.environ.update(MOIRESPIN_SNAKEMAKE=same_run(GIVEN.configfiles, GIVEN.config_args))

try:
    check_config(config, load_schema(workflow.source_path("../schemas/config.schema.yaml")))
    if config["interlayer"]["model"] == "stacking_map":
        fit_table(**config["interlayer"]["stacking_map"])
except ValueError as error:
    # One sentence; a WorkflowError would come with the place in this file.
    sys.exit(str(error))

RUN = config["run"]
SHARDS = list_shards(
    config["sweep"]["twist_indices"],
    config["sweep"]["sets_per_angle"],
    config["sweep"]["sets_per_shard"],
)
# Looked up by every job of the fan-out: a search of the list would take the square of its length.
SHARD_OF = {(shard.twist_index, shard.chunk): shard for shard in SHARDS}
# The same for the states that put inference to the test.
UNSEEN = list_shards(
    config["calibration"]["twist_indices"],
    config["calibration"]["sets_per_angle"],
    config["calibration"]["sets_per_job"],
)
UNSEEN_OF = {(shard.twist_index, shard.chunk): shard for shard in UNSEEN}
# And for those of another interlayer exchange.
FOREIGN = list_shards(
    config["calibration"]["foreign"]["twist_indices"],
    config["calibration"]["foreign"]["sets_per_angle"],
    config["calibration"]["sets_per_job"],
)
FOREIGN_OF = {(shard.twist_index, shard.chunk): shard for shard in FOREIGN}
MEASUREMENTS = {entry["name"]: entry for entry in config["measurements"]}
SHIPPED = "resources/textures/c3z.safetensors"
notice = products.notice_of_shards(config, Path("results", RUN))
if workflow.is_main_process and notice:
    logger.warning(notice)
# Starts relaxed at once, as many as a core's caches hold; the same everywhere, so that jobs share
# compiled programs.
LANES = 16
FINGERPRINT_OF = cache(fingerprints.fingerprint)


# <run> in the paths of all rules: the folder of the run that the config names.
pathvars:
    run=f"results/{RUN}",


onstart:
    for folder in (f"results/{RUN}", "results", f"results/{RUN}/logs"):
        if os.path.exists(folder) and not os.access(folder, os.W_OK):
            sys.exit(f"{folder} cannot be written: make it writable, then run snakemake again")


# Networks that are trained several times for their spread.
AGAIN = ("twist_angle", "exchange", "anisotropy", "joint")
# Parameter, scaling and training of each network of the study of inputs.
INPUTS = [
    (parameter, scaling, trained)
    for parameter in AGAIN[:3]
    for scaling in ("pixel", "floor", "layer", "raw")
    for trained in ("clean", "noisy")
]


wildcard_constraints:
    other=f"(?!{RUN}/)[^/]+",
    twist=r"\d+",
    chunk=r"\d+",
    level=r"\d+",
    image="|".join(MEASUREMENTS) or "none",
    parameter="twist_angle|exchange|anisotropy",
    network="|".join(AGAIN),
    scaling="pixel|floor|layer|raw",
    trained="clean|noisy",
    training="[1-9][0-9]*",
    variant="|".join(name for name, variant in VARIANTS.items() if is_trained(variant)),
    fraction="|".join(map(str, range(len(config["sample_curve"]["fractions"])))),


def model_files(textures):
    """The files of a texture model: the shipped one, or that of the run."""
    if textures == "run":
        return {"model": "<run>/models/textures.safetensors"}
    # Examples of its errors, where there are any, widen the error bars.
    errors = str(Path(SHIPPED).with_suffix(".errors.safetensors"))
    return {"model": SHIPPED} | ({"errors": errors} if os.path.isfile(errors) else {})


def model_of(block):
    """The files of the texture model that a block of the config names."""
    return lambda wildcards: model_files(config[block]["textures"])


def measured_files(wildcards):
    """One measured image, and the texture model that it is read with."""
    entry = MEASUREMENTS[wildcards.image]
    return {"measured": entry["image"]} | model_files(entry.get("textures", "shipped"))


def measurement_of(wildcards):
    """What is known of one measured image."""
    return MEASUREMENTS[wildcards.image]


def reading_paths(wildcards):
    """What was read from every measured image."""
    return [f"<run>/measurements/{name}/reading.json" for name in MEASUREMENTS]


def unseen_slice(wildcards):
    """The sets of one job of the calibration."""
    return calibrated(UNSEEN_OF, wildcards)


def calibrated(shards, wildcards):
    """The sets of one job, of the shards of own or of foreign states."""
    name = int(wildcards.twist), int(wildcards.chunk)
    if name not in shards:
        raise ValueError(f"shard {name[1]} of twist index {name[0]} is not part of the calibration")
    return shards[name]._asdict()


def unseen_readings(wildcards):
    """What was read from every measurement of the calibration."""
    return [
        f"<run>/calibration/readings/m{shard.twist_index:02d}/{shard.chunk:03d}.csv"
        for shard in UNSEEN
    ]


def foreign_slice(wildcards):
    """The sets of one job of the calibration's states of another interlayer exchange."""
    return calibrated(FOREIGN_OF, wildcards)


def foreign_readings(wildcards):
    """What was read from every image of a state of another interlayer exchange."""
    return [
        f"<run>/calibration/foreign/readings/m{shard.twist_index:02d}/{shard.chunk:03d}.csv"
        for shard in FOREIGN
    ]


def foreign_interlayer():
    """The other interlayer exchange, as a block like the config's own."""
    other = {key: config["calibration"]["foreign"][key] for key in ("model", "scale")}
    if other["model"] not in config["interlayer"]:
        sys.exit(
            f"config: calibration.foreign.model is {other['model']}, but the block"
            f" interlayer.{other['model']} is missing"
        )
    return config["interlayer"] | other


def foreign_table(wildcards):
    """Its table, if it has one."""
    return table_of(foreign_interlayer())


def foreign_states(wildcards):
    """How states of the other interlayer exchange are relaxed."""
    own = blocks("lattice", "ground_state", "relax") | {"seed": config["calibration"]["seed"]}
    return own | {"interlayer": used_model(foreign_interlayer())}


def foreign_material(wildcards):
    """The layers, and the other interlayer exchange."""
    return blocks("lattice") | {"interlayer": used_model(foreign_interlayer())}


def level_of(wildcards):
    """One level of noise: dB, or nothing for no noise."""
    number = int(wildcards.level)
    levels = [*config["noise_limits"]["levels_db"], None]
    return {"number": number, "snr_db": levels[number]}


def noisy_readings(wildcards):
    """What was read from test images at every level of noise, and without."""
    levels = range(len(config["noise_limits"]["levels_db"]) + 1)
    return [f"<run>/noise_limits/{number}.csv" for number in levels]


def trials():
    """Which measurements the calibration simulates."""
    keys = ("channels", "window_nm", "pixels", "point_spread_nm", "height_nm", "snr_db", "samples")
    return {key: config["calibration"][key] for key in keys}


def refuse_another_run(wildcards):
    """End with one sentence: a file of another run is asked for, perhaps by a mistyped name."""
    # Every run writes logs; other folders of results may be anything.
    known = ", ".join(sorted(path.parent.name for path in Path("results").glob("*/logs")))
    sys.exit(
        f"results/{wildcards.other}/{wildcards.path} is of another run than {RUN}, which the config"
        f" names (runs in results: {known or 'none'}): ask for results/{RUN}/{wildcards.path}, or"
        " name the other run with its --configfile or with --config run=..."
    )


def refuse_unknown_name(wildcards):
    """End with one sentence: no figure, table or rule is called so."""
    names = [known.name for known in workflow.rules]
    close = get_close_matches(wildcards.word, names, n=1)
    hint = f"did you mean {close[0]}?" if close else "snakemake --list lists what there is"
    sys.exit(f"no target is called {wildcards.word}: {hint}")


def fingerprint(rule):
    """The fingerprint of a rule's code, taken once and not before a job of the rule is planned.

    On a cluster every job reads the Snakefile anew, and needs the fingerprint of its own rule only.
    """
    return lambda wildcards: FINGERPRINT_OF(rule)


def shard_paths(wildcards):
    """Every shard of the sweep, angle by angle."""
    return [f"<run>/shards/m{shard.twist_index:02d}/{shard.chunk:03d}.nc" for shard in SHARDS]


def samples_to_learn(wildcards):
    """The dataset; ends with one sentence if the sweep cannot give a training its samples."""
    try:
        check_split(config)
    except ValueError as error:
        sys.exit(str(error))
    return "<run>/dataset.nc"


def line_paths(wildcards):
    """The phase lines of every angle."""
    return [f"<run>/phase_lines/m{index:02d}.nc" for index in config["sweep"]["twist_indices"]]


def challenged_shards(wildcards):
    """The shards that hold the sets of one angle whose ground states are tested."""
    shards = challenged_of(wildcards)["shards"]
    return [f"<run>/shards/m{wildcards.twist}/{shard['chunk']:03d}.nc" for shard in shards]


def challenged_of(wildcards):
    """How many sets of one angle are tested, and the shards that hold them."""
    count = config["challenge"]["sets_per_angle"]
    index = int(wildcards.twist)
    shards = [shard for shard in SHARDS if shard.twist_index == index and shard.start < count]
    return {"count": count, "shards": [shard._asdict() for shard in shards]}


def domain_shards(wildcards):
    """The shards of the angles whose domain states are split between the layers."""
    return [
        f"<run>/shards/m{shard['twist_index']:02d}/{shard['chunk']:03d}.nc"
        for shard in domains_to_split()["shards"]
    ]


def domains_to_split():
    """How many domain states of each angle are split, and the shards that hold them."""
    angles = nearest_swept(config["mixed_layers"]["twist_indices"])
    shards = [shard._asdict() for shard in SHARDS if shard.twist_index in angles]
    return {"count": config["mixed_layers"]["sets_per_angle"], "shards": shards}


def nearest_swept(twist_indices):
    """The angles of the sweep that are nearest to others."""
    swept = config["sweep"]["twist_indices"]
    return sorted({min(swept, key=lambda m: abs(m - index)) for index in twist_indices})


def challenged_angles():
    """The angles whose ground states are tested, the nearest ones of the sweep."""
    return nearest_swept(config["challenge"]["twist_indices"])


def challenge_paths(wildcards):
    """The tests of every angle whose ground states are tested."""
    return [f"<run>/challenge/m{index:02d}.nc" for index in challenged_angles()]


def texture_angles():
    """The angles of the texture model on request, by twist index."""
    sweep = config["sweep"] | {"box": Box(**box())}
    sweep = Sweep(**{key: sweep[key] for key in Sweep._fields})
    try:
        angles = list_angles(sweep, config["texture_model"])
    except ValueError as error:
        sys.exit(str(error))
    return {angle.twist_index: angle for angle in angles}


def texture_angle(wildcards):
    """One of these angles, and how its sets are drawn."""
    angles, index = texture_angles(), int(wildcards.twist)
    if index not in angles:
        raise ValueError(f"twist index {index} is neither of config: sweep nor of texture_model")
    drawn = {key: config["texture_model"][key] for key in ("least_exchange_mev", "test_share")}
    return {"angle": angles[index]._asdict()} | drawn


def branch_paths(wildcards):
    """The relaxed branches of all these angles."""
    return [f"<run>/branches/m{index:02d}.nc" for index in texture_angles()]


def angles_left_out(wildcards):
    """The twist indices of which a texture model is trained on no set."""
    indices = [int(index) for index in wildcards.kept.split("_")[1:]]
    unknown = sorted(set(indices) - set(texture_angles()))
    if unknown:
        raise ValueError(f"twist index {unknown[0]} cannot be left out: the model has no such")
    return {"indices": indices}


def example_states():
    """The examples of figure 2, at the nearest angle of the sweep."""
    examples = config["figures"]["fig02"]
    nearest = min(config["sweep"]["twist_indices"], key=lambda m: abs(m - examples["twist_index"]))
    return examples | {"twist_index": nearest}


def shard_slice(wildcards):
    """The sets of one shard."""
    name = int(wildcards.twist), int(wildcards.chunk)
    if name not in SHARD_OF:
        raise ValueError(f"shard {name[1]} of twist index {name[0]} is not part of config: sweep")
    return SHARD_OF[name]._asdict()


def twist_of(wildcards):
    """The commensurate index of one angle."""
    return {"index": int(wildcards.twist)}


def regression_of(wildcards):
    """The task of the network that estimates one parameter."""
    return {"regression": network_of(wildcards.parameter)}


def network_of(parameter):
    """The paper's network of one parameter."""
    own = {key: config["regressor"][key] for key in ("widths", "loss")}
    return {"parameter": parameter} | own


def generator_task():
    """What the generator learns: the size of its images, and its shape."""
    generator = config["generator"]
    shape = generator["widths"] | {"input_scale": generator["input_scale"]}
    return {"pixels": config["images"]["generator_pixels"], "shape": shape}


def fraction_of(wildcards):
    """The share of the training set that one network of the sample curve is trained on.

    The seed is that of the split, in whose order samples are taken.
    """
    share = config["sample_curve"]["fractions"][int(wildcards.fraction)]
    return {"share": share, "seed": config["seed"]}


def training_of(wildcards):
    """The schedule of one network that is trained again."""
    return config["joint" if wildcards.network == "joint" else "regressor"]["training"]


def task_of(wildcards):
    """The task of one network that is trained again."""
    if wildcards.network == "joint":
        return joint_task()
    return {"regression": network_of(wildcards.network)}


def joint_task():
    """What the joint network learns: its shape."""
    return {"joint": {"shape": {key: config["joint"][key] for key in ("channels", "features")}}}


def inputs_of(wildcards):
    """The task of one network of the study of inputs."""
    network = network_of(wildcards.parameter)
    levels = config["inputs"]["snr_db"] if wildcards.trained == "noisy" else []
    return {"inputs": network | {"scaling": wildcards.scaling, "snr_db": levels}}


def changes_of(wildcards):
    """What one network of the table of choices is trained with otherwise."""
    return VARIANTS[wildcards.variant].changes._asdict()


def shape_of(wildcards):
    """The shape of one network of the table of choices."""
    if wildcards.network == "joint":
        return joint_task()["joint"]["shape"]
    return config["regressor"]["widths"]


def angles_of_choice(wildcards):
    """The angles that one network of the table of choices never sees."""
    by_angle = VARIANTS[wildcards.variant].changes.split == "angle"
    return {"indices": left_out_angles() if by_angle else []}


def left_out_angles():
    """The angles that the split by angle leaves out, the nearest ones of the sweep."""
    return nearest_swept(config["choices"]["left_out_twist_indices"])


def noise_of_choice(wildcards):
    """The noise of the training images of one network of the table of choices."""
    return config["inputs"]["snr_db"] if VARIANTS[wildcards.variant].changes.noisy else []


def choice_models(wildcards):
    """The networks of each variant: its own, those of the study of inputs, or those of the run."""
    if config["regressor"]["loss"] != "squared":
        sys.exit("tables/choices.csv compares with the squared error: set regressor.loss to it")

    def path(name, variant, network):
        if is_trained(variant):
            return f"<run>/choices/{name}_{network}.safetensors"
        if variant.scaling != "pixel":
            return f"<run>/inputs/{network}_{variant.scaling}_clean.safetensors"
        return f"<run>/models/{network}.safetensors"

    return {
        name: [path(name, variant, network) for network in variant.networks]
        for name, variant in VARIANTS.items()
    }


def noise_of_scores():
    """The noise of the scores with noise: the nearest level of the noise sweep, and its number."""
    levels = config["noise"]["levels_db"]
    number = min(range(len(levels)), key=lambda n: abs(levels[n] - config["choices"]["snr_db"]))
    return {"snr_db": levels[number], "level": number}


def choice_thresholds():
    """The threshold of eq. (14) of each variant."""
    own = config["phases"]["ferromagnetic"]
    return {name: each.changes.ferromagnetic or own for name, each in VARIANTS.items()}


def seed_of(wildcards):
    """The seed of one of several trainings; the first is that of the run's own networks."""
    return config["trainings"]["seed"] + int(wildcards.training)


def trained_again(wildcards):
    """All trainings of each network, the run's own first."""
    return {
        name: [f"<run>/models/{name}.safetensors"]
        + [
            f"<run>/trainings/{name}_{training}.safetensors"
            for training in range(1, config["trainings"]["count"])
        ]
        for name in AGAIN
    }


def generators_of_curve(wildcards):
    """Both generators of the image curve: those of its fractions, and the one of all samples."""
    fractions = range(len(config["sample_curve"]["fractions"]))
    return {
        name: [f"<run>/sample_curve/{name}_{number}.safetensors" for number in fractions]
        + [f"<run>/models/{name}.safetensors"]
        for name in ("generator", "textures")
    }


def curve_models(wildcards):
    """The networks of the sample curve: those of its fractions, and the one of all samples."""
    fractions = range(len(config["sample_curve"]["fractions"]))
    return {
        name: [f"<run>/sample_curve/{name}_{number}.safetensors" for number in fractions]
        + [f"<run>/models/{name}.safetensors"]
        for name in config["sample_curve"]["parameters"]
    }


def used_model(interlayer):
    """An exchange block without the models that are not used."""
    used = ("model", "scale", "cutoff_nm", interlayer["model"])
    return {key: interlayer[key] for key in used}


def interlayer_model():
    """The config's exchange block without the models that are not used."""
    return used_model(config["interlayer"])


def table_of(interlayer):
    """The table of an exchange model, if it has one: an input, so that edits of it count."""
    return interlayer["stacking_map"]["table"] if interlayer["model"] == "stacking_map" else []


def interlayer_table(wildcards):
    """The table of the config's exchange model, if it has one."""
    return table_of(config["interlayer"])


def blocks(*names):
    """The named blocks of the config."""
    return {name: interlayer_model() if name == "interlayer" else config[name] for name in names}


def box():
    """Ranges of J and D."""
    return {key: config["sweep"][key] for key in ("exchange_mev", "anisotropy_mev")}


def parameter_ranges():
    """Ends of theta (degree), J and D (meV): p_min and p_max of eq. (2)."""
    angles = [twist_angle_deg(index) for index in config["sweep"]["twist_indices"]]
    return {
        "twist_angle": (min(angles), max(angles)),
        "exchange": tuple(config["sweep"]["exchange_mev"]),
        "anisotropy": tuple(config["sweep"]["anisotropy_mev"]),
    }


def shown_figures():
    """What each figure of the page shows: those of every run, and those on request that exist."""
    also = products.drawn_on_request(Path("results", RUN))
    return {
        figure.name: figure.shows for figure in FIGURES if figure.by_default or figure.name in also
    }


def files_of_run(inputs):
    """The files of a registry's entry, by argument, in the folder of the run."""
    return {argument: f"<run>/{file}" for argument, file in inputs.items()}


def look_up(settings):
    """What the config says under the dotted keys of a registry's entry, by argument."""
    if not isinstance(settings, str):
        return {argument: look_up(key) for argument, key in settings.items()}
    if settings == RANGES:
        return parameter_ranges()
    if settings == "interlayer":
        return interlayer_model()
    value = config
    for part in settings.split("."):
        value = value[part]
    return value
